/** What a ledger that is held answers, and what an asker makes of it when a byte of it is otherwise. */
import { expect, test } from 'vitest'
import type { QueryReply, SelectRequest } from '../../../protocols/query/index.js'
import { MAX_ITEMS } from '../../../protocols/query/limits.js'
import { encodeEvidence, sameSeqEvidence } from '../../../src/core/evidence.js'
import { fromHex } from '../../../src/core/hash.js'
import { verifySignature, type Verify } from '../../../src/core/signature.js'
import type { LedgerReader } from '../../../src/ledger/ledger-reader.js'
import type { OwnLedger } from '../../../src/ledger/own-ledger.js'
import { AnswerMaker } from '../../../src/node/query/answer-maker.js'
import { Notes } from '../../../src/node/query/checkpoint-notes.js'
import { partOf, verifyReply, type Asked } from '../../../src/node/query/verify-reply.js'
import type { PageRequest } from '../../../src/query/types.js'
import { Author as CoreAuthor } from '../../core/author.js'
import { selectOf } from '../../helpers/select-of.js'
import { NETWORK, openNode, TestClock, type Node } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const SELECT = selectOf('')

interface Held {
  node: Node
  own: OwnLedger
  maker: AnswerMaker
  select: (some?: Partial<SelectRequest>) => Promise<QueryReply>
}

/** The own ledger: its genesis, and `count` entries of which every third is of stream `rare`. */
async function setup(count = 12): Promise<Held> {
  const node = await openNode({ store: new MemoryStore() })
  const { own } = node.ledgers
  if (count > 0)
    await own.appendBatch(
      Array.from({ length: count }, (_, n) => ({
        id: `entry-${n}`,
        stream: n % 3 === 0 ? 'rare' : 'main',
        type: 't',
        payload: { n }
      }))
    )
  const maker = new AnswerMaker(new Notes(node.clock), null)
  return { node, own, maker, select: async (some) => (await maker.select(own, { ...SELECT, ...some })).reply }
}

const seqs = ({ entries }: QueryReply): number[] =>
  entries.map(({ header }) => (JSON.parse(Buffer.from(header).toString()) as { seq: number }).seq)

const withPayloads = ({ entries }: QueryReply): number => entries.filter(({ payload }) => payload !== null).length

/** As an asker checks it. */
async function check(
  own: { id: string },
  reply: QueryReply,
  request: Partial<PageRequest> = {},
  question: Partial<Asked['question']> = {},
  verify: Verify = verifySignature
) {
  const page: PageRequest = {
    from: 0,
    to: null,
    limit: 512,
    maxBytes: 4 << 20,
    show: 'matches',
    treeSize: null,
    known: null,
    ...request
  }
  return await verifyReply(
    reply,
    { network: NETWORK, ledger: own.id, question: { filter: {}, order: 'asc', ...question }, request: page },
    verify
  )
}

test('what matches is shown with its payload, and what does not match only where all is shown', async () => {
  const { select } = await setup()
  const filter = { stream: 'rare' }
  const matches = await select({ filter })
  expect([seqs(matches), matches.all, matches.count, withPayloads(matches)]).toEqual([[1, 4, 7, 10], false, 4, 4])
  for (const show of ['all', 'either'] as const) {
    const all = await select({ filter, show })
    expect([seqs(all).length, all.all, all.count, withPayloads(all)]).toEqual([13, true, 4, 4])
  }
  expect(withPayloads(await select({ filter, want: 'headers' }))).toBe(0)
})

test('pages of either order go on where the one before ended, and are of one tree', async () => {
  const { own, select } = await setup()
  for (const show of ['matches', 'all'] as const)
    for (const order of ['asc', 'desc'] as const) {
      const seen: number[] = []
      const some: Partial<SelectRequest> = { order, show, limit: 2, filter: { stream: 'main' } }
      for (let reply = await select(some); ; reply = await select(some)) {
        const { entries } = await check(
          own,
          reply,
          { from: some.from ?? 0, to: some.to ?? null, treeSize: some.treeSize ?? null },
          { order, filter: { stream: 'main' } }
        )
        seen.push(...entries.map(({ header }) => header.seq))
        expect(reply.ending).toBe(reply.next === null ? 'end' : 'limit')
        if (reply.next === null) break
        Object.assign(some, { treeSize: 13 }, order === 'asc' ? { from: reply.next } : { to: reply.next })
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual([2, 3, 5, 6, 8, 9, 11, 12])
    }
})

test('one entry always comes, however few bytes are wanted; and 512 at the most', async () => {
  const { select } = await setup(MAX_ITEMS + 8)
  for (const show of ['matches', 'all'] as const) {
    const small = await select({ show, maxBytes: 1, from: 3 })
    expect([seqs(small), small.ending, small.next]).toEqual([[3], 'budget', 4])
  }
  const all = await select({ show: 'all' })
  expect([seqs(all).length, all.ending, all.next]).toEqual([MAX_ITEMS, 'budget', MAX_ITEMS])
  const beyond = await select({ from: 900, to: 990 })
  expect([seqs(beyond), beyond.ending, beyond.next]).toEqual([[], 'end', null])
})

test('how a tree goes together with an older one is shown on request, and with a larger one not', async () => {
  const { own, select } = await setup(3)
  const before = await check(own, await select())
  await own.append({ stream: 'main', type: 't' })
  const clock = new TestClock()
  clock.time += 10_000
  const later = new AnswerMaker(new Notes(clock), null)
  const { reply } = await later.select(own, { ...SELECT, knownSize: before.basis!.size })
  const known = { size: before.basis!.size, root: before.basis!.root }
  expect((await check(own, reply, { known })).page!.linked).toBe(true)
  expect((await check(own, reply, { known: { ...known, root: 'ab'.repeat(32) } })).page!.linked).toBe(false)
  expect((await check(own, reply, { known: { ...known, size: 99 } })).page!.linked).toBe(null)
  expect((await check(own, reply)).page!.linked).toBe(null)
  expect((await later.select(own, { ...SELECT, knownSize: 99 })).reply.basis.consistency).toEqual([])
})

test('single entries: by place, hash or id, each once, in order; what is not there is not answered', async () => {
  const { own, maker } = await setup()
  const hash = fromHex((await own.heldHash(3))!)
  const get = async (wanted: Parameters<AnswerMaker['get']>[1]['wanted']): Promise<number[]> =>
    seqs((await maker.get(own, { ledger: own.id, wanted, want: 'full', knownSize: null })).reply)
  expect(await get({ seqs: [5, 2, 5, 99] })).toEqual([2, 5])
  expect(await get({ hashes: [Buffer.alloc(32, 1), hash] })).toEqual([3])
  expect(await get({ ids: ['entry-4', 'nobody', 'entry-0'] })).toEqual([1, 5])
})

test('a tree that is not known any more, and a ledger without a checkpoint, have no answer', async () => {
  const { own, maker } = await setup()
  await expect(maker.select(own, { ...SELECT, treeSize: 2 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const reader = { id: own.id, checkpoint: () => null, evidence: async () => null } as unknown as LedgerReader
  await expect(maker.select(reader, SELECT)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('a ledger that is frozen below everything shows the evidence alone, and that is all that is believed of it', async () => {
  const [one, other] = [await CoreAuthor.create(5), await CoreAuthor.create(5)]
  const [a, b] = [await one.append({ id: 'a' }), await other.append({ id: 'b' })]
  const file = encodeEvidence(sameSeqEvidence(one.accused(), 1, a.raw, b.raw))
  const reader = { id: one.ledger, checkpoint: () => null, evidence: async () => file } as unknown as LedgerReader
  const { reply, examined } = await new AnswerMaker(new Notes(new TestClock()), null).select(reader, SELECT)
  expect([reply.entries, reply.basis.checkpoint, examined]).toEqual([[], null, 0])
  const checked = await check({ id: one.ledger }, reply)
  expect(checked).toMatchObject({ page: null, basis: null, evidence: { ledger: one.ledger } })
  await expect(check({ id: `b${'a'.repeat(51)}a` }, reply)).rejects.toMatchObject({ code: 'BAD_EVIDENCE' })
})

test('damage here is no answer: it has to come from elsewhere', async () => {
  const { own, maker } = await setup()
  const range = own.range.bind(own)
  own.range = async (from, limits, stop) => (await range(from, limits, stop)).slice(0, 5)
  await expect(maker.select(own, { ...SELECT, show: 'all' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('an answer checks as it is, and says what it is', async () => {
  const { own, select } = await setup()
  const reply = await select({ filter: { stream: 'rare' }, show: 'all', to: 9 })
  const checked = await check(own, reply, { to: 9, show: 'all' }, { filter: { stream: 'rare' } })
  expect(checked.page).toMatchObject({ count: 3, all: true, next: null, size: 13, frozen: false })
  expect(checked.text.span).toEqual({ from: 0, to: 9 })
  expect(checked.page!.bytes).toBeGreaterThan(1_000)
  expect(partOf(checked)).toMatchObject({ ledger: own.id, pages: [], key_entries: [{}] })
})

const drop = <T>(list: readonly T[], at: number): T[] => list.filter((_, i) => i !== at)

test.each<[string, (reply: QueryReply) => QueryReply, string]>([
  [
    'an entry left out',
    (reply) => ({ ...reply, entries: drop(reply.entries, 2), count: reply.count - 1 }),
    'BAD_PROOF'
  ],
  ['entries in another order', (reply) => ({ ...reply, entries: reply.entries.toReversed() }), 'BAD_PROOF'],
  ['one entry twice', (reply) => ({ ...reply, entries: [reply.entries[0]!, ...reply.entries] }), 'BAD_PROOF'],
  ['another number', (reply) => ({ ...reply, count: reply.count - 1 }), 'BAD_PROOF'],
  ['a tree without a hash', (reply) => ({ ...reply, tree: drop(reply.tree, 0) }), 'BAD_PROOF'],
  [
    'another payload',
    (reply) => ({
      ...reply,
      entries: reply.entries.map((entry) => (entry.payload === null ? entry : { ...entry, payload: Buffer.from('{}') }))
    }),
    'BAD_PROOF'
  ],
  ['no key entries', (reply) => ({ ...reply, basis: { ...reply.basis, keyEntries: [] } }), 'BAD_PROOF'],
  [
    'another checkpoint',
    (reply) => ({ ...reply, basis: { ...reply.basis, checkpoint: reply.basis.checkpoint!.replace('13', '12') } }),
    'BAD_PROOF'
  ],
  [
    'a signature of nobody',
    (reply) => ({ ...reply, entries: reply.entries.map((entry) => ({ ...entry, signature: Buffer.alloc(64) })) }),
    'BAD_PROOF'
  ],
  ['more than all', (reply) => ({ ...reply, ending: 'budget', next: 99 }), 'BAD_PROOF']
])('nothing of an answer is used that has %s (I7)', async (_what, change, code) => {
  const { own, select } = await setup()
  const reply = await select({ show: 'all', from: 2, to: 12 })
  expect((await check(own, reply, { from: 2, to: 12 })).entries).toHaveLength(10)
  await expect(check(own, change(reply), { from: 2, to: 12 })).rejects.toMatchObject({ code })
})

test('what was not asked for is made up: another span, tree, filter or ledger', async () => {
  const { own, select } = await setup()
  const reply = await select({ from: 2, to: 12 })
  const refused = async (request: Partial<PageRequest>, question: Partial<Asked['question']> = {}): Promise<void> => {
    await expect(check(own, reply, request, question)).rejects.toMatchObject({ code: 'BAD_PROOF' })
  }
  await refused({ from: 3, to: 12 })
  await refused({ from: 2, to: 11 })
  await refused({ from: 2, to: 12, treeSize: 12 })
  await refused({ from: 2, to: 12 }, { filter: { stream: 'rare' } })
  await refused({ from: 2, to: 12 }, { order: 'desc' })
  await expect(check({ id: `b${'a'.repeat(51)}a` }, reply, { from: 2, to: 12 })).rejects.toMatchObject({
    code: 'BAD_PROOF'
  })
})

test("what its author left unsigned is the author's fault, not that of whoever hands it over (I5)", async () => {
  const { own, select } = await setup()
  const reply = await select()
  let checks = 0
  const lax: Verify = async (...given) => (++checks > 2 ? false : verifySignature(...given))
  await expect(check(own, reply, {}, {}, lax)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
})
