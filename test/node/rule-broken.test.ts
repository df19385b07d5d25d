/** What an author signed against the rules, on every road: evidence, which travels; whoever hands it over is not to blame (I4, I5). */
import { afterEach, expect, test } from 'vitest'
import { announcementId, announceTopic, encodeAnnouncement } from '../../protocols/announce/index.js'
import type { WireEntry } from '../../protocols/wire.js'
import type { SignedHeader } from '../../src/core/entry.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author, key, looseHeader, NETWORK, signBytes } from '../core/author.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { stopAll, within } from '../network/fixture.js'
import { each, TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

async function authorOf (size: number): Promise<Author> {
  const author = await Author.create()
  while (author.size < size) await author.append()
  return author
}

/** An entry behind the author's `size` good ones; what it says is the author's word, and breaks a rule. */
const BROKEN: [string, (author: Author) => Promise<SignedHeader>][] = [
  ['that is not canonical', async (author) => await signBytes(Buffer.from(` ${JSON.stringify(author.header())}`), author.signer)],
  ['with a member too many', async (author) => await signBytes(looseHeader({ ...author.header(), more: 1 }), author.signer)],
  ['with a timestamp beyond the year 9999', async (author) => await signBytes(looseHeader({ ...author.header(), timestamp: 253402300800000 }), author.signer)],
  ['of a reserved type against its schema', async (author) => await signBytes(looseHeader({ ...author.header(), type: 'ledger.erase', meta: { entries: [] } }), author.signer)],
  ['that rotates to a key which was not committed to', async (author) => (await author.make({ type: 'ledger.rotate-key', meta: { next_key_hash: null } })).raw],
  ['that follows an entry which is not the one before it', async (author) => (await author.make({ prev_hash: author.entries[author.size - 3]!.hash })).raw]
]

/** Hands out the author's entries and the broken one behind them; its head is `head`. */
async function serving (author: Author, broken: SignedHeader, head = broken): Promise<TestPeer> {
  const all: WireEntry[] = [...author.entries.map(({ raw }) => raw), { header: broken.header, signature: broken.signature, payload: null }]
  const range = (from: number, count: number): WireEntry[] => all.slice(from, from + count)
  const peer: TestPeer = await TestPeer.start({
    authors: [author],
    hello: {
      heads: (_, wanted) => {
        const held = wanted.filter(({ ledger }) => ledger === author.ledger)
        const heads = held.map(({ ledger }) => ({ ...peer.head(ledger), header: head.header, signature: head.signature }))
        return { heads, same: [], none: wanted.filter((one) => !held.includes(one)).map(({ ledger }) => ledger), denied: [] }
      },
      entries: (_, __, from, count) => Promise.resolve(range(from, count))
    },
    pull: { range: (_, { from, count }) => Promise.resolve(each(range(from, count))) }
  })
  return peer
}

/** A node that holds all of the author. */
async function follower (author: Author): Promise<{ node: TestNode, honest: TestPeer }> {
  const honest = await TestPeer.start({ authors: [author] })
  const node = await startNode()
  await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, author.size)
  return { node, honest }
}

async function frozen (node: TestNode, ledger: string, at: number, kind = 'rule-broken'): Promise<Uint8Array> {
  await node.becomes(ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(ledger).frozenAt).toBe(at)
  const [listed] = await nodeOf(node.ledger, 0).evidence(ledger)
  expect(listed).toMatchObject({ kind, ledger, freezes: true })
  const bytes = Buffer.from(listed!.evidence)
  expect(await verifyEvidence(bytes, { verify: verifySignature, network: NETWORK })).toMatchObject({ ledger, kind })
  return bytes
}

test.each(BROKEN)('an entry %s, shown as a head: evidence; the peer stays', async (name, make) => {
  const author = await authorOf(20)
  const { node, honest } = await follower(author)
  const peer = await serving(author, await make(author))
  await peer.connect(node.addr)
  await frozen(node, author.ledger, name.includes('follows') ? 18 : 20)
  expect([peer.gone, honest.gone, node.errors()]).toEqual([[], [], []])
})

test.each([[0, 20], [3, 200], [4, 30], [5, 200]])('in a range (kind %i, after %i): what is before it is held, the peer stays, the next follower learns of it', async (kind, size) => {
  const author = await authorOf(size)
  // A head that is in order and far ahead: the broken entry is met on the way there.
  const ahead = await author.make({ seq: size + 5, prev_hash: 'ab'.repeat(32) })
  const peer = await serving(author, await BROKEN[kind]![1](author), ahead.raw)
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  const at = kind === 5 ? size - 2 : size
  const evidence = await frozen(node, author.ledger, at)
  await expect.poll(() => node.mirror(author.ledger).visible).toBe(at)
  const second = await startNode()
  await second.connect(node.addr)
  await second.sync.follow(author.ledger)
  expect(await frozen(second, author.ledger, at)).toEqual(evidence)
  expect([peer.gone, node.errors(), second.errors()]).toEqual([[], [], []])
})

test.each([0, 2, 5])('by gossip (kind %i): it is not handed on and costs nobody', async (kind) => {
  const author = await authorOf(20)
  const { node, honest } = await follower(author)
  const topic = announceTopic(NETWORK, author.ledger)
  honest.host.subscribe(topic, () => Promise.resolve('ignore'), announcementId)
  await expect.poll(() => honest.host.subscribers(topic), { timeout: 10_000 }).toContain(node.peerId)
  const { header, signature } = await BROKEN[kind]![1](author)
  await honest.host.publish(topic, encodeAnnouncement({ head: { header, signature } }))
  await frozen(node, author.ledger, kind === 5 ? 18 : 20)
  expect(node.log.lines.filter(({ message }) => message === 'gossip message rejected')).toEqual([])
  expect([honest.gone, node.errors()]).toEqual([[], []])
})

test('the same words signed by somebody else, or said of another ledger, are the peer\'s lie, and prove nothing', async () => {
  const author = await authorOf(20)
  const { node } = await follower(author)
  const elsewhere = await signBytes(looseHeader({ ...author.header(), ledger: (await Author.create(9)).ledger, more: 1 }), author.signer)
  const lies = [elsewhere, ...await Promise.all(BROKEN.slice(0, 4).map(async ([, make]) => await signBytes((await make(author)).header, key(77))))]
  for (const lie of lies) {
    const liar = await serving(author, lie)
    await liar.host.dial(node.addr, within(5_000))
    await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
  }
  await node.synced(author.ledger, 20)
  expect(await nodeOf(node.ledger, 0).evidence()).toEqual([])
  expect(node.errors()).toEqual([])
})
