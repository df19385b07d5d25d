import { afterEach, expect, test } from 'vitest'
import { addrOf, discover, peerOf, start, stopAll } from './started.js'

afterEach(stopAll)

test('twenty nodes on one machine find each other through a registry, without DHT and without public addresses', async () => {
  const hub = await start('hub', { registry: true })
  const nodes = await Promise.all(Array.from({ length: 19 }, (_, i) => start(`node-${i}`)))
  await Promise.all(nodes.map((node) => node.plugins.interoperability.register(addrOf(hub))))
  const seeker = nodes[7]!
  const { nodes: found, contradictions } = await discover(seeker)
  expect(contradictions).toEqual([])
  expect(found.filter(({ status, proof }) => status === 'online' && proof === 'shown').map(({ peer }) => peer).toSorted())
    .toEqual([hub, ...nodes].filter((node) => node !== seeker).map(peerOf).toSorted())
}, 60_000)

test('three nodes on one machine: the third finds the ledger of the second through the DHT alone', async () => {
  const hub = await start('hub', { dht: true })
  const author = await start('author', { dht: true, bootstrap: [addrOf(hub)] })
  const reader = await start('reader', { dht: true, bootstrap: [addrOf(hub)] })
  await expect.poll(async () => {
    const known = await reader.plugins.interoperability.findLedgers({ ledger: author.id })
    return known[0]?.nodes.map(({ peer, connected, sources }) => [peer, connected, sources.includes('dht')])
  }, { timeout: 40_000, interval: 200 }).toEqual([[peerOf(author), true, true]])
}, 60_000)
