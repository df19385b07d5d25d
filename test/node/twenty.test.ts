import { afterEach, expect, test } from 'vitest'
import { addrOf, discover, peerOf, start, stopAll } from './started.js'

/** Each goes on as soon as it is so; on a busy machine a search that failed is made again later and later. */
const PATIENCE_MS = 170_000
const TIMEOUT_MS = 200_000

afterEach(stopAll)

test(
  'twenty nodes on one machine find each other through a registry, without DHT and without public addresses',
  async () => {
    const hub = await start('hub', { registry: true })
    const nodes = await Promise.all(Array.from({ length: 19 }, (_, i) => start(`node-${i}`)))
    await Promise.all(nodes.map((node) => node.plugins.interoperability.register(addrOf(hub))))
    const seeker = nodes[7]!
    const others = [hub, ...nodes].filter((node) => node !== seeker).map(peerOf)
    // A busy registry may answer one question late: what is asked again is there.
    const shown = async (): Promise<string[]> => {
      const { nodes: found, contradictions } = await discover(seeker)
      expect(contradictions).toEqual([])
      return found.filter(({ status, proof }) => status === 'online' && proof === 'shown').map(({ peer }) => peer)
    }
    await expect.poll(async () => (await shown()).toSorted(), { timeout: PATIENCE_MS }).toEqual(others.toSorted())
  },
  TIMEOUT_MS
)

test(
  'three nodes on one machine: the third finds the ledger of the second through the DHT alone',
  async () => {
    const hub = await start('hub', { dht: true })
    const author = await start('author', { dht: true, bootstrap: [addrOf(hub)] })
    const reader = await start('reader', { dht: true, bootstrap: [addrOf(hub)] })
    await expect
      .poll(
        async () => {
          const known = await reader.plugins.interoperability.findLedgers({ ledger: author.id })
          return known[0]?.nodes.map(({ peer, connected, sources }) => [peer, connected, sources.includes('dht')])
        },
        { timeout: PATIENCE_MS, interval: 200 }
      )
      .toEqual([[peerOf(author), true, true]])
  },
  TIMEOUT_MS
)

test(
  'twenty nodes with one bootstrap peer: all find a ledger of one of them through the DHT, and hold it',
  async () => {
    const hub = await start('hub', { dht: true })
    const nodes = await Promise.all(
      Array.from({ length: 19 }, (_, i) => start(`node-${i}`, { dht: true, bootstrap: [addrOf(hub)] }))
    )
    const author = nodes.at(-1)!
    await author.append({ stream: 'news', type: 'news', payload: 1 })
    const followers = [hub, ...nodes.slice(0, -1)]
    await Promise.all(followers.map((node) => node.plugins.sync.follow(author.id)))
    const states = async (): Promise<string[]> =>
      await Promise.all(followers.map(async (node) => (await node.plugins.sync.status(author.id))[0]!.status))
    await expect.poll(states, { timeout: PATIENCE_MS, interval: 500 }).toEqual(followers.map(() => 'synced'))
  },
  TIMEOUT_MS
)
