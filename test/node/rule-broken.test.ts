/**
 * What an author signed against the rules, on every road: evidence, which travels; whoever hands it over is not to
 * blame (I4, I5).
 */
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

async function authorOf(size: number, seed = 1): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < size) await author.append()
  return author
}

/** An entry behind the author's `size` good ones; what it says is the author's word, and breaks a rule. */
const BROKEN: [string, (author: Author) => Promise<SignedHeader>][] = [
  [
    'that is not canonical',
    async (author) => await signBytes(Buffer.from(` ${JSON.stringify(author.header())}`), author.signer)
  ],
  [
    'with a member too many',
    async (author) => await signBytes(looseHeader({ ...author.header(), more: 1 }), author.signer)
  ],
  [
    'with a timestamp beyond the year 9999',
    async (author) => await signBytes(looseHeader({ ...author.header(), timestamp: 253402300800000 }), author.signer)
  ],
  [
    'of a reserved type against its schema',
    async (author) =>
      await signBytes(looseHeader({ ...author.header(), type: 'ledger.erase', meta: { entries: [] } }), author.signer)
  ],
  [
    'that rotates to a key which was not committed to',
    async (author) => (await author.make({ type: 'ledger.rotate-key', meta: { next_key_hash: null } })).raw
  ],
  [
    'that follows an entry which is not the one before it',
    async (author) => (await author.make({ prev_hash: author.entries[author.size - 3]!.hash })).raw
  ]
]

interface Says {
  author: Author
  broken: SignedHeader
  head?: SignedHeader
}

/** Hands out the authors' entries and the broken ones behind them; its head is `head`, or the broken one. */
async function serving(...said: Says[]): Promise<TestPeer> {
  const saysOf = (id: string): Says | undefined => said.find(({ author: { ledger } }) => ledger === id)
  const range = (ledger: string, from: number, count: number): WireEntry[] => {
    const { author, broken } = saysOf(ledger)!
    return [
      ...author.entries.map(({ raw }) => raw),
      { header: broken.header, signature: broken.signature, payload: null }
    ].slice(from, from + count)
  }
  const peer: TestPeer = await TestPeer.start({
    authors: said.map(({ author }) => author),
    hello: {
      heads: (_, wanted) => {
        const held = wanted.filter(({ ledger }) => saysOf(ledger) !== undefined)
        const heads = held.map(({ ledger }) => {
          const { broken, head = broken } = saysOf(ledger)!
          return { ...peer.head(ledger), header: head.header, signature: head.signature }
        })
        return {
          heads,
          same: [],
          none: wanted.filter((one) => !held.includes(one)).map(({ ledger }) => ledger),
          denied: []
        }
      },
      entries: (_, ledger, from, count) => Promise.resolve(range(ledger, from, count))
    },
    pull: { range: (_, { ledger, from, count }) => Promise.resolve(each(range(ledger, from, count))) }
  })
  return peer
}

/** A node that holds all of the authors. */
async function follower(...authors: Author[]): Promise<{ node: TestNode; honest: TestPeer }> {
  const honest = await TestPeer.start({ authors })
  const node = await startNode()
  await honest.connect(node.addr)
  for (const { ledger } of authors) await node.sync.follow(ledger)
  for (const { ledger, size } of authors) await node.synced(ledger, size)
  return { node, honest }
}

async function frozen(node: TestNode, ledger: string, at: number, kind = 'rule-broken'): Promise<Uint8Array> {
  await node.becomes(ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(ledger).frozenAt).toBe(at)
  const [listed] = await nodeOf(node.ledger, 0).evidence.list(ledger)
  expect(listed).toMatchObject({ kind, ledger, freezes: true })
  const bytes = Buffer.from(listed!.evidence)
  expect(await verifyEvidence(bytes, { verify: verifySignature, network: NETWORK })).toMatchObject({ ledger, kind })
  return bytes
}

test('shown as heads: evidence; the peer stays', async () => {
  const said = await Promise.all(
    BROKEN.map(async ([, make], i) => {
      const author = await authorOf(20, 10 * i + 1)
      return { author, broken: await make(author) }
    })
  )
  const { node, honest } = await follower(...said.map(({ author }) => author))
  const peer = await serving(...said)
  await peer.connect(node.addr)
  for (const [
    kind,
    {
      author: { ledger }
    }
  ] of said.entries())
    await frozen(node, ledger, kind === 5 ? 18 : 20)
  expect([peer.gone, honest.gone, node.errors()]).toEqual([[], [], []])
})

test.each([
  [0, 20],
  [3, 200],
  [4, 30],
  [5, 200]
])(
  'in a range (kind %i, after %i): what is before it is held, the peer stays, the next follower learns of it',
  async (kind, size) => {
    const author = await authorOf(size)
    // A head that is in order and far ahead: the broken entry is met on the way there.
    const ahead = await author.make({ seq: size + 5, prev_hash: 'ab'.repeat(32) })
    const peer = await serving({ author, broken: await BROKEN[kind]![1](author), head: ahead.raw })
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
  }
)

test('by gossip: not handed on, and it costs nobody', async () => {
  const authors = [await authorOf(20, 1), await authorOf(20, 11)]
  const { node, honest } = await follower(...authors)
  for (const [i, author] of authors.entries()) {
    const kind = [0, 5][i]!
    const topic = announceTopic(NETWORK, author.ledger)
    honest.host.subscribe(topic, () => Promise.resolve('ignore'), announcementId)
    await expect.poll(() => honest.host.subscribers(topic), { timeout: 10_000 }).toContain(node.peerId)
    const { header, signature } = await BROKEN[kind]![1](author)
    await honest.host.publish(topic, encodeAnnouncement({ head: { header, signature } }))
    await frozen(node, author.ledger, kind === 5 ? 18 : 20)
  }
  expect(node.log.lines.filter(({ message }) => message === 'gossip message rejected')).toEqual([])
  expect([honest.gone, node.errors()]).toEqual([[], []])
})

test("the same words signed by somebody else, or said of another ledger, are the peer's lie, and prove nothing", async () => {
  const author = await authorOf(20)
  const { node } = await follower(author)
  const elsewhere = await signBytes(
    looseHeader({ ...author.header(), ledger: (await Author.create(9)).ledger, more: 1 }),
    author.signer
  )
  const lies = [
    elsewhere,
    ...(await Promise.all(
      BROKEN.slice(0, 4).map(async ([, make]) => await signBytes((await make(author)).header, key(77)))
    ))
  ]
  for (const lie of lies) {
    const liar = await serving({ author, broken: lie })
    await liar.host.dial(node.addr, within(5_000))
    await expect.poll(() => liar.gone, { timeout: 10_000 }).toContain(node.peerId)
  }
  await node.synced(author.ledger, 20)
  expect(await nodeOf(node.ledger, 0).evidence.list()).toEqual([])
  expect(node.errors()).toEqual([])
})
