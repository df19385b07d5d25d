/**
 * A relay of two hundred ledgers, and one who follows all of them through it: nothing that they do comes near what a
 * stranger may do.
 */
import { afterEach, expect, test, vi } from 'vitest'
import { announcementId, announceTopic, encodeAnnouncement } from '../../protocols/announce/index.js'
import { dhtProtocol } from '../../src/network/libp2p-node.js'
import { LINE, OPENING, REFUSED, protocolCosts } from '../../src/network/costs.js'
import { Author, NETWORK } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

vi.setConfig({ testTimeout: 120_000 })

afterEach(stopAll)

const LEDGERS = 200
const ENTRIES = 5
const ROUNDS = 3
/** What one peer may have at once of all that is refused and not only slowed down, in units. */
const BURSTS = new Map(
  [...protocolCosts(dhtProtocol(NETWORK)), LINE, OPENING].map(({ name, quota: { burstUnits } }) => [name, burstUnits])
)

const refused = ({ log }: TestNode): string[] =>
  log.lines
    .filter(({ message }) =>
      ['peer disconnected and banned', 'a stream was refused', 'gossip message rejected'].includes(message)
    )
    .map(({ message, fields }) => `${message}: ${JSON.stringify(fields)}`)

test('two hundred ledgers through one peer, and what is new in all of them by gossip', async () => {
  const authors = await Promise.all(Array.from({ length: LEDGERS }, async (_, i) => await Author.create(2 * i + 1)))
  for (const author of authors) while (author.size < ENTRIES) await author.appendPayload({ n: author.size })
  const origin = await TestPeer.start({ authors })
  const relay = await startNode({ dht: false })
  const reader = await startNode({ dht: false })
  await origin.connect(relay.addr)
  await reader.connect(relay.addr)
  const held = (node: TestNode, size: number): number =>
    authors.filter(({ ledger }) => (node.ledger.parts.ledgers.get(ledger)?.size ?? 0) >= size).length
  for (const node of [relay, reader])
    await Promise.all(
      authors.map(async ({ ledger }) => {
        await node.sync.follow(ledger)
      })
    )
  for (const node of [relay, reader]) await expect.poll(() => held(node, ENTRIES), { timeout: 60_000 }).toBe(LEDGERS)
  for (const { ledger } of authors)
    origin.host.subscribe(announceTopic(NETWORK, ledger), () => Promise.resolve('ignore'), announcementId)
  await expect
    .poll(
      () =>
        authors.filter(({ ledger }) => origin.host.subscribers(announceTopic(NETWORK, ledger)).includes(relay.peerId))
          .length,
      { timeout: 20_000 }
    )
    .toBe(LEDGERS)
  for (let round = 0; round < ROUNDS; round++) {
    for (const author of authors) {
      const { raw } = await author.appendPayload({ n: author.size })
      await origin.host.publish(
        announceTopic(NETWORK, author.ledger),
        encodeAnnouncement({ head: { header: raw.header, signature: raw.signature } })
      )
    }
    for (const node of [relay, reader])
      await expect.poll(() => held(node, ENTRIES + round + 1), { timeout: 60_000 }).toBe(LEDGERS)
  }
  for (const node of [relay, reader]) {
    expect(refused(node)).toEqual([])
    expect(node.errors()).toEqual([])
    // All peers together, over the whole time, took less than half of what one of them may have at once.
    const charged = node.peerNetwork.host.charged()
    expect([...BURSTS].filter(([name, burst]) => (charged.get(name) ?? 0) > burst / 2)).toEqual([])
    expect(charged.get(REFUSED.name) ?? 0).toBe(0)
    expect(charged.get(LINE.name)).toBeGreaterThan(1)
  }
})
