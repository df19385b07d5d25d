import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { announcementId, announceTopic, encodeAnnouncement } from '../../protocols/announce/index.js'
import { encodeEvidence, evidenceId, sameSeqEvidence } from '../../src/core/evidence.js'
import { Author, flipBit, key, looseHeader, NETWORK, signBytes } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer, type TestPeerOptions } from '../helpers/test-peer.js'

afterEach(stopAll)

interface Scene {
  author: Author
  node: TestNode
  liar: TestPeer
  say: (bytes: Uint8Array) => Promise<void>
  rejections: () => number
}

/** A node that follows ten entries of an author, and a peer that gossips what it likes. */
async function scene(options: TestPeerOptions = {}): Promise<Scene> {
  const author = await Author.create()
  while (author.size < 10) await author.append()
  const honest = await TestPeer.start({ authors: [author.fork()] })
  const node = await startNode()
  await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 10)
  const liar = await TestPeer.start({ authors: [author], ...options })
  await liar.connect(node.addr)
  const topic = announceTopic(NETWORK, author.ledger)
  liar.host.subscribe(topic, () => Promise.resolve('ignore'), announcementId)
  await expect.poll(() => liar.host.subscribers(topic), { timeout: 10_000 }).toContain(node.peerId)
  const rejections = (): number => node.log.lines.filter(({ message }) => message === 'gossip message rejected').length
  onTestFinished(() => {
    expect(node.errors()).toEqual([])
  })
  return {
    author,
    node,
    liar,
    rejections,
    say: async (bytes) => {
      expect((await liar.host.publish(topic, bytes)).recipients).toBeGreaterThan(0)
    }
  }
}

const said = ({ header, signature }: { header: Uint8Array; signature: Uint8Array }): Uint8Array =>
  encodeAnnouncement({ head: { header, signature } })

describe('rejected, which costs the sender', () => {
  test.each<[string, (author: Author) => Promise<Uint8Array> | Uint8Array]>([
    ['garbage', () => Buffer.from('garbage')],
    ['trailing bytes', async (author) => Buffer.concat([said((await author.make()).raw), Buffer.of(0)])],
    ['truncated', async (author) => said((await author.make()).raw).slice(0, -1)],
    [
      'a bad signature',
      async (author) => {
        const { header, signature } = (await author.make()).raw
        return said({ header, signature: flipBit(signature, 5) })
      }
    ],
    [
      'a header that is not canonical',
      async (author) => said(await signBytes(Buffer.concat([Buffer.of(32), (await author.make()).raw.header]), key(77)))
    ],
    ['a header of another ledger', async () => said((await (await Author.create(9)).append()).raw)],
    [
      'evidence that proves nothing',
      async (author) =>
        encodeAnnouncement({
          evidence: encodeEvidence({
            ...sameSeqEvidence(
              author.accused(),
              9,
              author.entries[9]!.raw,
              (await forkedAt(author, 9)).entries[9]!.raw
            ),
            b: { header: Buffer.from(author.entries[8]!.raw.header).toString(), signature: '00'.repeat(64) }
          })
        })
    ],
    ['evidence that is no evidence', () => encodeAnnouncement({ evidence: Buffer.from('{}') })]
  ])('%s', async (_, make) => {
    const { author, node, say, rejections } = await scene()
    await say(await make(author))
    await expect.poll(rejections).toBe(1)
    expect(await node.status(author.ledger)).toMatchObject({ status: 'synced', size: 10 })
  })
})

async function forkedAt(author: Author, seq: number): Promise<Author> {
  const fork = author.fork()
  fork.entries.length = seq
  await fork.append({ id: 'otherwise' })
  return fork
}

test('a head beyond ours is accepted and pulled from whoever said it', async () => {
  const { author, node, say, rejections } = await scene()
  await say(said((await author.append()).raw))
  await node.synced(author.ledger, 11)
  expect(rejections()).toBe(0)
})

test('a key that is not in force here: ignored, and the next entries are asked of that same peer', async () => {
  const { author, node, say, rejections } = await scene()
  await author.append()
  await author.rotate()
  await say(said((await author.append()).raw))
  await node.synced(author.ledger, 13)
  expect(rejections()).toBe(0)
})

test("a stranger's key is no claim, however often it speaks", async () => {
  const { author, node, liar, say, rejections } = await scene()
  for (let i = 0; i < 30; i++)
    await say(
      said((await author.make({ seq: 1000 + i, prev_hash: 'ab'.repeat(32), key: key(77).publicKey }, key(77))).raw)
    )
  await say(said((await author.append()).raw))
  await node.synced(author.ledger, 11)
  expect(await node.status(author.ledger)).toMatchObject({ target: 11 })
  expect(rejections()).toBe(0)
  expect(liar.gone).toEqual([])
})

test('an unknown version is ignored', async () => {
  const { author, node, say, rejections } = await scene()
  await say(said(await signBytes(looseHeader({ ...author.header(), v: 2 }), author.signer)))
  await say(said((await author.append()).raw))
  await node.synced(author.ledger, 11)
  expect(rejections()).toBe(0)
})

test('an older head with another hash is evidence', async () => {
  const { author, node, say } = await scene()
  const fork = await forkedAt(author, 6)
  await say(said(fork.entries[6]!.raw))
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(author.ledger).frozenAt).toBe(6)
})

test('the first difference is found, not the one that was told', async () => {
  const author = await Author.create()
  while (author.size < 10) await author.append()
  const fork = await forkedAt(author, 4)
  while (fork.size < 10) await fork.append({ id: `other-${fork.size}` })
  const honest = await TestPeer.start({ authors: [author] })
  const node = await startNode()
  await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 10)
  const liar = await TestPeer.start()
  await liar.connect(node.addr)
  liar.entries.set(author.ledger, fork.entries)
  const topic = announceTopic(NETWORK, author.ledger)
  liar.host.subscribe(topic, () => Promise.resolve('ignore'), announcementId)
  await expect.poll(() => liar.host.subscribers(topic), { timeout: 10_000 }).toContain(node.peerId)
  await liar.host.publish(topic, said(fork.entries[9]!.raw))
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(author.ledger).frozenAt).toBe(4)
})

test("an older head of a stranger's key is no evidence", async () => {
  const { author, node, say } = await scene()
  await say(
    said((await author.make({ seq: 6, prev_hash: author.entries[5]!.hash, key: key(77).publicKey }, key(77))).raw)
  )
  await say(said((await author.append()).raw))
  await node.synced(author.ledger, 11)
  expect(node.mirror(author.ledger).frozenAt).toBe(null)
})

test('a flood: the newest is held in the end, and what is passed on is bounded', async () => {
  const { author, node, say, rejections } = await scene()
  for (let i = 0; i < 200; i++) await say(said((await author.append()).raw))
  await node.synced(author.ledger, 210)
  expect(rejections()).toBe(0)
})

test('evidence by gossip freezes, is stored and is what the next one gets', async () => {
  const { author, node, say } = await scene()
  const evidence = encodeEvidence(
    sameSeqEvidence(author.accused(), 7, author.entries[7]!.raw, (await forkedAt(author, 7)).entries[7]!.raw)
  )
  await say(encodeAnnouncement({ evidence }))
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(evidenceId((await node.mirror(author.ledger).evidence())!)).toBe(evidenceId(evidence))
  const next = await TestPeer.start()
  const session = await next.connect(node.addr)
  const { heads } = await session.askHeads([{ ledger: author.ledger, size: 0 }])
  expect(Buffer.from(heads[0]!.header).equals(author.entries[6]!.raw.header)).toBe(true)
  expect(Buffer.from(heads[0]!.evidence!).equals(evidence)).toBe(true)
})
