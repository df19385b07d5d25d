/**
 * Evidence of several kinds reaches everybody, once, whoever heard of which first (R1; SPEC hello §6 `evidence-ids`).
 */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { EVIDENCE_IDS, type WantedHead } from '../../protocols/hello/index.js'
import { encodeEvidence, evidenceId, sameSeqEvidence } from '../../src/core/evidence.js'
import { MAX_KEPT_EVIDENCE } from '../../src/core/judge-evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { HeadAsker } from '../../src/node/replication/head-asker.js'
import { Author } from '../core/author.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { stopAll } from '../network/fixture.js'

afterEach(stopAll)

/** The ledger, and the evidence that a thief of the key in force at `at` can make with a second entry there. */
async function thefts(
  author: Author,
  at: number,
  signer: Author['signer'],
  ids: readonly string[]
): Promise<Uint8Array[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const thief = author.fork()
      thief.entries.length = at
      thief.signer = signer
      const other = await thief.make({ id })
      return encodeEvidence(
        sameSeqEvidence(
          { ...author.accused(), keyEntries: author.accused().keyEntries.filter(({ seq }) => seq < at) },
          at,
          author.entries[at]!.raw,
          other.raw
        )
      )
    })
  )
}

/** K0 signs 0–3, K1 from its rotation at 4 on. */
async function scene(): Promise<{
  author: Author
  byRetired: Uint8Array
  byLive: Uint8Array
  retired: Author['signer']
}> {
  const author = await Author.create()
  while (author.size < 4) await author.append()
  const retired = author.signer
  await author.rotate()
  while (author.size < 9) await author.append()
  return {
    author,
    retired,
    byRetired: (await thefts(author, 2, retired, ['stolen']))[0]!,
    byLive: (await thefts(author, 6, author.signer, ['stolen']))[0]!
  }
}

async function follower(author: Author, ...evidence: Uint8Array[]): Promise<TestNode> {
  const node = await startNode()
  const peer = await TestPeer.start({ authors: [author] })
  const session = await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, author.size)
  for (const one of evidence) session.tellEvidence(author.ledger, one)
  await expect.poll(async () => await node.mirror(author.ledger).heardEvidence.ids()).toHaveLength(evidence.length)
  return node
}

async function believed(node: TestNode, ledger: string): Promise<unknown> {
  const list = (await nodeOf(node.ledger, 0).evidence.list(ledger)).map(({ id, state, freezes }) => ({
    id,
    state,
    freezes
  }))
  const {
    frozen,
    visible,
    standing: { shown }
  } = node.mirror(ledger)
  return { list: list.sort((a, b) => (a.id < b.id ? -1 : 1)), frozen, visible, shown }
}

/** What everybody believes who has heard both. */
function belief(byRetired: Uint8Array, byLive: Uint8Array): unknown {
  const [excused, freezing] = [evidenceId(byRetired), evidenceId(byLive)]
  const shown = freezing.slice(0, 32)
  return {
    list: [
      { id: freezing, state: 'freezes', freezes: true },
      { id: excused, state: 'excused', freezes: false }
    ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    frozen: { size: 6, evidence: shown },
    visible: 6,
    shown
  }
}

test('two followers that each heard one of two end with both and believe the same; so does one that comes new', async () => {
  const { author, byRetired, byLive } = await scene()
  const id = author.ledger
  const [a, b] = [await follower(author, byRetired), await follower(author, byLive)]
  await a.becomes(id, { status: 'synced', evidence: 'excused' })
  await b.becomes(id, { status: 'stalled', stall: { code: 'FROZEN' } })
  await a.connect(b.addr)
  const both = [byRetired, byLive].map(evidenceId).sort()
  for (const node of [a, b])
    await expect.poll(async () => (await node.mirror(id).heardEvidence.ids()).sort()).toEqual(both)
  for (const node of [a, b]) expect(await believed(node, id)).toEqual(belief(byRetired, byLive))
  const late = await startNode()
  await late.sync.follow(id)
  await late.connect(a.addr)
  await late.becomes(id, { status: 'stalled', size: 6, stall: { code: 'FROZEN' } })
  await expect.poll(async () => (await late.mirror(id).heardEvidence.ids()).sort()).toEqual(both)
  expect([a, b, late].flatMap((node) => node.errors())).toEqual([])
})

test('whoever heard both believes the same, in whichever order they came', async () => {
  const { author, byRetired, byLive } = await scene()
  for (const order of [
    [byRetired, byLive],
    [byLive, byRetired]
  ]) {
    const node = await follower(author, ...order)
    expect(await believed(node, author.ledger)).toEqual(belief(byRetired, byLive))
    expect(node.errors()).toEqual([])
    // Two whole nodes at a time are enough.
    await node.close()
  }
})

test('only what the asker has not heard is sent; to a side that names no ids, as before', async () => {
  const { author, byRetired, byLive } = await scene()
  const ledger = author.ledger
  const node = await follower(author, byRetired, byLive)
  const asker = await TestPeer.start()
  const session = await asker.connect(node.addr)
  const shown = async (wanted: Partial<WantedHead>): Promise<string | null> => {
    const {
      heads: [head],
      same
    } = await session.askHeads([{ ledger, size: 6, headHash: author.entries[5]!.hash, ...wanted }])
    return head === undefined ? same.join() : head.evidence === null ? null : evidenceId(head.evidence)
  }
  const [excused, freezing] = [evidenceId(byRetired), evidenceId(byLive)]
  expect(await shown({})).toBe(freezing)
  expect(await shown({ hasEvidence: true })).toBe(ledger)
  expect(await shown({ evidenceIds: ['ab'.repeat(32)] })).toBe(freezing)
  expect(await shown({ evidenceIds: [freezing] })).toBe(excused)
  expect(await shown({ evidenceIds: [excused] })).toBe(freezing)
  expect(await shown({ evidenceIds: [excused, freezing] })).toBe(ledger)
  expect(await shown({ size: 2, evidenceIds: [freezing, excused] })).toBeNull()
})

test('a peer that has ever more evidence is asked a few times at each exchange, and no more than that is kept', async () => {
  const { author, retired } = await scene()
  const endless = await thefts(
    author,
    2,
    retired,
    Array.from({ length: 40 }, (_, i) => `stolen-${i}`)
  )
  // Of one kind only the lowest is kept: each is told before those that are lower.
  endless.sort((a, b) => (evidenceId(a) > evidenceId(b) ? -1 : 1))
  const asked: WantedHead[] = []
  const flood: TestPeer = await TestPeer.start({
    authors: [author],
    intro: { features: [EVIDENCE_IDS] },
    hello: {
      heads: (_, wanted) => {
        asked.push(...wanted.filter(({ ledger }) => ledger === author.ledger))
        return {
          heads: wanted.map(({ ledger }) => ({
            ...flood.head(ledger),
            evidence: endless[asked.length % endless.length]!
          })),
          same: [],
          none: [],
          denied: []
        }
      }
    }
  })
  // One when the peer comes; how many more there are by now depends on how long all this takes.
  const exchanges = vi.spyOn(HeadAsker.prototype, 'ask')
  onTestFinished(() => {
    exchanges.mockRestore()
  })
  const count = (): number =>
    exchanges.mock.calls.filter(([{ ledgers }]) => ledgers.some(({ ledger }) => ledger === author.ledger)).length
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await flood.connect(node.addr)
  await node.synced(author.ledger, 9)
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(MAX_KEPT_EVIDENCE)
  const before = count()
  await node.sync.pull(author.ledger)
  expect(count()).toBeGreaterThan(before)
  expect(asked.length).toBeGreaterThan(MAX_KEPT_EVIDENCE)
  expect(asked.length).toBeLessThanOrEqual(MAX_KEPT_EVIDENCE * count())
  for (const { evidenceIds = [], hasEvidence } of asked)
    expect([evidenceIds.length <= 2 * MAX_KEPT_EVIDENCE, hasEvidence]).toEqual([true, undefined])
  expect(await node.mirror(author.ledger).allEvidence()).toHaveLength(1)
  expect([flood.gone, node.errors()]).toEqual([[], []])
})

test('what was named and comes all the same, and the same again and again, is not looked at twice', async () => {
  const { author, byRetired } = await scene()
  const asked: WantedHead[] = []
  const stubborn: TestPeer = await TestPeer.start({
    authors: [author],
    intro: { features: [EVIDENCE_IDS] },
    hello: {
      heads: (_, wanted) => {
        asked.push(...wanted.filter(({ ledger }) => ledger === author.ledger))
        return { heads: wanted.map(({ ledger }) => stubborn.head(ledger)), same: [], none: [], denied: [] }
      }
    }
  })
  stubborn.evidence.set(author.ledger, byRetired)
  const node = await startNode()
  await node.sync.follow(author.ledger)
  await stubborn.connect(node.addr)
  await node.synced(author.ledger, 9)
  for (let pulls = 0; pulls < 3; pulls++) await node.sync.pull(author.ledger)
  // Once with nothing heard, once more because it was new; then once for each pull.
  expect(asked.map(({ evidenceIds = [] }) => evidenceIds)).toEqual([
    [],
    ...Array.from({ length: asked.length - 1 }, () => [evidenceId(byRetired)])
  ])
  expect(asked.length).toBeLessThanOrEqual(2 + 2 * 3)
  expect(node.log.lines.filter(({ message }) => message === 'evidence was judged')).toHaveLength(1)
  expect([stubborn.gone, node.errors()]).toEqual([[], []])
})

test('what is below a freeze is fetched also from who has not heard of it, and so shows a head beyond it', async () => {
  const { author, byLive } = await scene()
  const id = author.ledger
  const node = await startNode()
  const short = author.fork()
  short.entries.length = 2
  const few = await TestPeer.start({ authors: [short] })
  const session = await few.connect(node.addr)
  await node.sync.follow(id)
  await node.synced(id, 2)
  session.tellEvidence(id, byLive)
  await node.becomes(id, { status: 'stalled', size: 2, stall: { code: 'FROZEN' } })
  const unaware = await TestPeer.start({ authors: [author] })
  await unaware.connect(node.addr)
  await node.becomes(id, { status: 'stalled', size: 6, stall: { code: 'FROZEN' } })
  expect(node.mirror(id)).toMatchObject({ frozenAt: 6, visible: 6 })
  expect([few.gone, unaware.gone, node.errors()]).toEqual([[], [], []])
})

test('a side that does not name the feature is asked in the words of version 1', async () => {
  const { author, byLive } = await scene()
  const asked: WantedHead[] = []
  const older: TestPeer = await TestPeer.start({
    authors: [author],
    hello: {
      heads: (_, wanted) => {
        asked.push(...wanted.filter(({ ledger }) => ledger === author.ledger))
        return { heads: wanted.map(({ ledger }) => older.head(ledger)), same: [], none: [], denied: [] }
      }
    }
  })
  const node = await startNode()
  const session = await older.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 9)
  session.tellEvidence(author.ledger, byLive)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  asked.length = 0
  await node.sync.pull(author.ledger)
  expect(asked.map(({ hasEvidence, evidenceIds }) => ({ hasEvidence, evidenceIds }))).toEqual(
    asked.map(() => ({ hasEvidence: true, evidenceIds: undefined }))
  )
  expect(asked.length).toBeGreaterThan(0)
})
