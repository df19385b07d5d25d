import { describe, expect, test } from 'vitest'
import type { WireEntry } from '../../protocols/wire.js'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { decodeEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { verifySignature, type Verify } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import type { ForkTracker } from '../../src/node/forks/fork-tracker.js'
import { CheckpointTracker } from '../../src/node/replication/checkpoint-tracker.js'
import type { Verifier } from '../../src/node/signatures/verifier.js'
import { Author, flipBit, NETWORK } from '../core/author.js'
import { collectLog } from '../network/fixture.js'
import { startNode } from '../helpers/test-node.js'
import { each, TestPeer } from '../helpers/test-peer.js'
import { freezeAt } from '../helpers/freeze-at.js'

async function authorOf(seed: number, size: number): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < size) await author.append()
  return author
}

/** A peer that shows this checkpoint beside its head, and hands out `served`. */
async function showing(author: Author, note: string | null, served = author): Promise<TestPeer> {
  const shown = { note }
  const range = (from: number, count: number): WireEntry[] =>
    served.entries.slice(from, from + count).map(({ raw }) => raw)
  const peer: TestPeer = await TestPeer.start({
    authors: [author],
    pull: { range: (_, { from, count }) => Promise.resolve(each(range(from, count))) },
    hello: {
      entries: (_, __, from, count) => Promise.resolve(range(from, count)),
      heads: (_, wanted) => {
        peer.asked.push(...wanted.map(({ ledger }) => ({ what: 'head', ledger })))
        return {
          heads: wanted
            .filter(({ ledger }) => ledger === author.ledger)
            .map(({ ledger }) => ({ ...peer.head(ledger), checkpoint: shown.note })),
          same: [],
          none: wanted.filter(({ ledger }) => ledger !== author.ledger).map(({ ledger }) => ledger),
          denied: []
        }
      }
    }
  })
  return peer
}

test('a checkpoint that no honest peer passes on costs the peer its connection', async () => {
  const author = await authorOf(41, 30)
  for (const note of [
    'not a note',
    (await author.checkpoint()).replace(author.ledger, (await Author.create(42)).ledger)
  ]) {
    const node = await startNode()
    const peer = await showing(author, note)
    await node.sync.follow(author.ledger)
    await peer.connect(node.addr)
    await expect.poll(() => peer.gone, { timeout: 10_000 }).toContain(node.peerId)
    expect(node.mirror(author.ledger).checkpoint()).toBeNull()
    expect(node.errors()).toEqual([])
  }
})

test('a checkpoint by another key, or of another root, is not kept', async () => {
  const author = await authorOf(45, 30)
  const origin = checkpointOrigin(NETWORK, author.ledger)
  for (const note of [
    await author.checkpoint(30, (await Author.create(42)).signer),
    await signCheckpoint({ origin, size: 30, root: '0'.repeat(64) }, author.signer)
  ]) {
    const node = await startNode()
    const peer = await showing(author, note)
    await node.sync.follow(author.ledger)
    await peer.connect(node.addr)
    await node.synced(author.ledger, 30)
    expect(node.mirror(author.ledger).checkpoint()).toBeNull()
    expect(node.errors()).toEqual([])
  }
})

test('a mirror keeps the checkpoint that its entries confirm, passes it on, and proves entries with it', async () => {
  const author = await authorOf(43, 300)
  const note = await author.checkpoint(280)
  const peer = await showing(author, note)
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await peer.connect(node.addr)
  await node.synced(author.ledger, 300)
  await expect.poll(() => node.mirror(author.ledger).checkpoint(), { timeout: 10_000 }).toBe(note)
  const second = await startNode()
  await second.sync.follow(author.ledger)
  await second.connect(node.addr)
  await expect.poll(() => second.mirror(author.ledger)?.checkpoint(), { timeout: 10_000 }).toBe(note)
  expect([...node.errors(), ...second.errors()]).toEqual([])
})

test('two checkpoints of one size with other roots, both signed, freeze the ledger', async () => {
  const author = await authorOf(44, 20)
  const honest = await showing(author, await author.checkpoint())
  const forged = await showing(
    author,
    await signCheckpoint(
      { origin: checkpointOrigin(NETWORK, author.ledger), size: 20, root: 'ab'.repeat(32) },
      author.signer
    )
  )
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await honest.connect(node.addr)
  await expect.poll(() => node.mirror(author.ledger).checkpoint(), { timeout: 10_000 }).not.toBeNull()
  await forged.connect(node.addr)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(author.ledger).frozenAt).toBe(19)
})

/** Leaves the author's history at `at`; `signed` says which of its entries it signs. */
async function branchOf(author: Author, at: number, size: number, signed: (seq: number) => boolean): Promise<Author> {
  const branch = author.fork()
  branch.entries.length = at
  while (branch.size < size) {
    const { raw } = await branch.make({ id: `other-${branch.size}` })
    branch.entries.push(decodeEntry(signed(branch.size) ? raw : { ...raw, signature: flipBit(raw.signature, 100) }))
  }
  return branch
}

async function kindOf(bytes: Uint8Array | null): Promise<string> {
  return (await verifyEvidence(bytes!, { verify: verifySignature, network: NETWORK })).kind
}

describe('a checkpoint of another history, shown by a peer that hands out that history', () => {
  test.each<[string, number, number, (seq: number) => boolean]>([
    ['same-seq', 21, 30, () => true],
    ['rule-broken', 22, 30, (seq) => seq > 23],
    ['not-included', 23, 30, () => false],
    ['not-included', 300, 700, () => false]
  ])('%s from %i, of %i', async (kind, at, size, signed) => {
    const author = await authorOf(46, size)
    const honest = await TestPeer.start({ authors: [author] })
    const node = await startNode()
    await node.sync.follow(author.ledger)
    await honest.connect(node.addr)
    await node.synced(author.ledger, size)
    const branch = await branchOf(author, at, size, signed)
    const peer = await showing(author, await branch.checkpoint(), branch)
    await peer.connect(node.addr)
    await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
    expect(node.mirror(author.ledger).frozenAt).toBe(at)
    expect(await kindOf(await node.mirror(author.ledger).evidence())).toBe(kind)
    const second = await startNode()
    await second.sync.follow(author.ledger)
    await second.connect(node.addr)
    await second.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
    // It may have found the honest peer first. Of several unsigned entries in a row the evidence names the last one.
    await expect.poll(() => second.mirror(author.ledger).visible - at, { timeout: 10_000 }).toBeGreaterThanOrEqual(0)
    expect(second.mirror(author.ledger).visible - at).toBeLessThan(3)
    expect(await second.mirror(author.ledger).evidence()).toEqual(await node.mirror(author.ledger).evidence())
    expect([peer.gone, honest.gone, node.errors(), second.errors()]).toEqual([[], [], [], []])
  })
})

test('made-up histories, and checkpoints that nothing stands behind, freeze no honest author', async () => {
  const author = await authorOf(47, 40)
  const honest = await showing(author, await author.checkpoint(30))
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await honest.connect(node.addr)
  await node.synced(author.ledger, 40)
  const stranger = (await Author.create(99)).signer
  const madeUp = await branchOf(author, 20, 40, () => false)
  const liars = [
    await showing(author, await madeUp.checkpoint(40, stranger), madeUp),
    await showing(author, await author.checkpoint(), madeUp),
    await showing(author, (await author.checkpoint()).replace('\n40\n', '\n35\n')),
    await showing(
      author,
      await signCheckpoint(
        { origin: checkpointOrigin(NETWORK, author.ledger), size: Number.MAX_SAFE_INTEGER, root: 'cd'.repeat(32) },
        stranger
      )
    )
  ]
  for (const liar of liars) {
    await liar.connect(node.addr)
    await expect.poll(() => liar.asked, { timeout: 10_000 }).not.toEqual([])
  }
  // The last one is about entries that nobody has: it is not in the way of a true one.
  while (author.size < 45) await author.append()
  const later = await showing(author, await author.checkpoint())
  await later.connect(node.addr)
  await node.synced(author.ledger, 45)
  await expect
    .poll(async () => node.mirror(author.ledger).checkpoint(), { timeout: 10_000 })
    .toBe(await author.checkpoint())
  expect(node.mirror(author.ledger).frozenAt).toBeNull()
  expect(node.errors()).toEqual([])
})

test('of two checkpoints of one size that the entries held here lead to neither of, each alone proves nothing, both together do', async () => {
  const author = await authorOf(48, 30)
  const rootless = async (root: string): Promise<string> =>
    await signCheckpoint(
      { origin: checkpointOrigin(NETWORK, author.ledger), size: 30, root: root.repeat(32) },
      author.signer
    )
  const one = await showing(author, await rootless('ab'))
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await one.connect(node.addr)
  await node.synced(author.ledger, 30)
  await expect
    .poll(() => node.log.lines.filter(({ message }) => message.includes('do not match')).length, { timeout: 10_000 })
    .toBeGreaterThan(0)
  expect(node.mirror(author.ledger).frozenAt).toBeNull()
  const two = await showing(author, await rootless('cd'))
  await two.connect(node.addr)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(node.mirror(author.ledger).frozenAt).toBe(29)
  expect(await kindOf(await node.mirror(author.ledger).evidence())).toBe('same-size')
  expect([one.gone, two.gone, node.errors()]).toEqual([[], [], []])
})

test('evidence that arrives while the signature of a checkpoint is looked into makes it wait, and nothing else (FAULTS §2 row 9)', async () => {
  const author = await authorOf(48, 30)
  const branch = await branchOf(author, 10, 11, () => true)
  const evidence = encodeEvidence(
    sameSeqEvidence(author.accused(), 10, author.entries[10]!.raw, branch.entries[10]!.raw)
  )
  const node = await startNode()
  const peer = await TestPeer.start({ authors: [author] })
  await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 30)
  const mirror = node.mirror(author.ledger)
  const log = collectLog()
  const verify: Verify = async (...signed) => {
    await freezeAt(mirror, 10, evidence)
    return verifySignature(...signed)
  }
  const forks = {
    twoCheckpoints: () => Promise.reject(new Error('asked')),
    otherCheckpoint: () => Promise.reject(new Error('asked'))
  }
  const watch = new CheckpointTracker({
    peerNetwork: {
      network: NETWORK,
      drop: () => {
        throw new Error('dropped')
      }
    },
    verifier: { forPeer: () => verify } as unknown as Verifier,
    forks: forks as unknown as ForkTracker,
    log
  })
  await watch.onCheckpoint('p', mirror, await author.checkpoint())
  expect([mirror.visible, mirror.checkpoint(), log.lines]).toEqual([10, null, []])
})
