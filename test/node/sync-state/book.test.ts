/** Exceptions: what is noted of entries, against a plain table; after a kill at any write; and where there are too many. */
import { expect, test, vi } from 'vitest'
import { sha256Text } from '../../../src/core/hash.js'
import { AdoptOutcomes, type AdoptOutcomesInit } from '../../../src/node/sync-state/adopt-outcomes.js'
import { ExceptionBook, type Deviation } from '../../../src/node/sync-state/exception-book.js'
import { checkExceptions } from '../../../src/ledger/fsck/check-exceptions.js'
import { DamageList } from '../../../src/ledger/fsck/damage.js'
import { EXCEPTION_STATUSES, type FlowPlace } from '../../../src/store/exception-rows.js'
import { dropExceptionsOfLedger } from '../../../src/store/drop-exceptions.js'
import { familyRange, SEQ_END } from '../../../src/store/keys.js'
import type { Store } from '../../../src/store/store.js'
import type { EntryOutcome } from '../../../src/sync/adopt/types.js'
import type { ExceptionCode } from '../../../src/sync/exceptions/codes.js'
import { EXCEPTION_RETRY_MS, MAX_EXCEPTIONS } from '../../../src/sync/exceptions/limits.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { openNode, TestClock, TestLog } from '../../ledger/support.js'

const FLOWS: FlowPlace[] = [
  { ledgerNumber: 1, direction: 'outbound', remote: 1 },
  { ledgerNumber: 1, direction: 'outbound', remote: 2 },
  { ledgerNumber: 2, direction: 'outbound', remote: 1 },
  { ledgerNumber: 2, direction: 'inbound', remote: 0 },
  { ledgerNumber: 3, direction: 'inbound', remote: 0 }
]
const CODES: ExceptionCode[] = ['ID_TAKEN', 'TOO_LARGE', 'NO_PAYLOAD', 'CONFLICT', 'IS_COPY', 'OTHER']
const SEQS = 60
const nameOf = ({ ledgerNumber, direction, remote }: FlowPlace): string => `${ledgerNumber} ${direction} ${remote}`

function bookOf(store: Store, clock = new TestClock()): ExceptionBook {
  return new ExceptionBook({ store, clock, onDue: () => undefined })
}

const pick = <T>(list: readonly T[], random: Dice): T => list[Math.floor(random() * list.length)]!
const hashOf = (ledgerNumber: number, seq: number): string => sha256Text(`${ledgerNumber} ${seq}`)

type Table = Map<string, Map<number, { status: string; code: string; attempts: number }>>

/** One thing that happens, to the book and to the table. */
async function step(book: ExceptionBook, table: Table, random: Dice): Promise<void> {
  const flow = pick(FLOWS, random)
  const rows = table.get(nameOf(flow)) ?? new Map<number, { status: string; code: string; attempts: number }>()
  table.set(nameOf(flow), rows)
  const from = Math.floor(random() * SEQS)
  const to = from + Math.floor(random() * 10)
  const what = random()
  if (what < 0.6) {
    const deviations = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i): Deviation => {
      const seq = (from + 3 * i) % SEQS
      return {
        seq,
        hash: hashOf(flow.ledgerNumber, seq),
        status: pick(EXCEPTION_STATUSES, random),
        code: pick(CODES, random)
      }
    }).filter(({ seq }, i, all) => all.findIndex((one) => one.seq === seq) === i)
    await book.note(flow, deviations)
    for (const { seq, status, code } of deviations)
      if (code !== 'IS_COPY') rows.set(seq, { status, code, attempts: (rows.get(seq)?.attempts ?? 0) + 1 })
  } else if (what < 0.75) {
    const seqs = Array.from({ length: 5 }, (_, i) => (from + 7 * i) % SEQS)
    await book.settleEach(flow, [...new Set(seqs)])
    for (const seq of seqs) rows.delete(seq)
  } else if (what < 0.85) {
    await book.settle(flow, from, to)
    for (const seq of [...rows.keys()]) if (seq >= from && seq < to) rows.delete(seq)
  } else if (what < 0.95) {
    await book.retry(flow, from, to)
    for (const [seq, row] of rows) if (seq >= from && seq < to) row.attempts = 0
  } else {
    await book.forget(1)
    for (const other of FLOWS) if (other.remote === 1) table.delete(nameOf(other))
  }
}

async function expectSame(book: ExceptionBook, table: Table, what: string): Promise<void> {
  for (const flow of FLOWS) {
    const rows = table.get(nameOf(flow)) ?? new Map()
    const found = await book.at(
      flow,
      Array.from({ length: SEQS }, (_, seq) => seq)
    )
    expect({
      what,
      rows: found.flatMap((row) => (row === null ? [] : [[row.seq, row.status, row.code, row.attempts]]))
    }).toEqual({
      what,
      rows: [...rows].sort(([a], [b]) => a - b).map(([seq, row]) => [seq, row.status, row.code, row.attempts])
    })
    for (const status of EXCEPTION_STATUSES) {
      const seqs = [...rows].filter(([, row]) => row.status === status).map(([seq]) => seq)
      expect(await book.seqs(flow, status, 0, 1_000)).toEqual(seqs.sort((a, b) => a - b))
      expect((await book.counts(flow))[status]).toBe(seqs.length)
    }
  }
}

test.for([1, 2, 3])('ten thousand random changes are what a plain table makes of them (seed %i)', async (seed) => {
  const { store } = await openNode()
  const random = dice(seed)
  const table: Table = new Map()
  let book = bookOf(store)
  for (let i = 0; i < 3_400; i++) {
    await step(book, table, random)
    if (random() < 0.01) book = bookOf(store)
    if (i % 500 === 0) await expectSame(book, table, `seed ${seed}, step ${i}`)
  }
  await expectSame(bookOf(store), table, `seed ${seed}, the end`)
  const damage = new DamageList()
  await checkExceptions(store, new Set([1, 2, 3]), damage)
  expect(damage.total).toBe(0)
})

test('killed at each write: rows and their lists are there together or not at all', async () => {
  for (let alive = 0; alive < 40; alive++) {
    const { store } = await openNode()
    let left = alive
    const mortal: Store = new Proxy(store, {
      get: (target, name: keyof Store) => {
        const value = target[name]
        if (typeof value !== 'function') return value
        if (name !== 'write') return value.bind(target)
        return async (...given: Parameters<Store['write']>) => {
          if (left-- <= 0) throw new Error('killed')
          await target.write(...given)
        }
      }
    })
    const random = dice(7)
    try {
      for (let i = 0; i < 30; i++) await step(bookOf(mortal), new Map(), random)
    } catch (error) {
      if ((error as Error).message !== 'killed') throw error
    }
    const damage = new DamageList()
    await checkExceptions(store, new Set([1, 2, 3]), damage)
    expect([alive, damage.listed]).toEqual([alive, []])
  }
}, 60_000)

test('due in the order of time; each try once, later and later; a ledger that goes takes its own along', async () => {
  const { store, clock } = await openNode()
  const book = bookOf(store, clock)
  const [out, , , into] = FLOWS as [FlowPlace, FlowPlace, FlowPlace, FlowPlace]
  const refused = (n: number, seq: number): Deviation => ({
    seq,
    hash: hashOf(n, seq),
    status: 'failed',
    code: 'ID_TAKEN'
  })
  await book.note(out, [refused(1, 1), refused(1, 2)])
  clock.pass(1_000)
  await book.note(into, [refused(2, 5)])
  expect(await book.nextDue()).toBe(clock.now() - 1_000 + EXCEPTION_RETRY_MS)
  expect(await book.takeDue(100)).toEqual([])
  clock.pass(EXCEPTION_RETRY_MS)
  expect(await book.takeDue(100)).toEqual([out, into])
  expect(await book.takeDue(100)).toEqual([])
  await book.note(out, [refused(1, 1)])
  expect(await book.at(out, [1, 2])).toMatchObject([
    { attempts: 2, next: clock.now() + 2 * EXCEPTION_RETRY_MS },
    { attempts: 1, next: clock.now() + 2 * EXCEPTION_RETRY_MS }
  ])
  expect(await book.retry(out, 2, 3)).toBe(1)
  expect(await book.takeDue(100)).toEqual([out])
  // another entry in its place begins anew
  await book.note(out, [{ ...refused(1, 1), hash: hashOf(9, 9) }])
  expect(await book.at(out, [1])).toMatchObject([{ attempts: 1 }])
  await dropExceptionsOfLedger(store, 1)
  book.forgotten()
  expect(await book.counts(out)).toEqual({ pending: 0, conflict: 0, failed: 0 })
  // what is pulled is tried again only when somebody says so
  expect((await store.keys(familyRange('syncDue'))).length).toBe(0)
  expect(await book.at(into, [5])).toMatchObject([{ next: null }])
})

test('a hundred thousand of one flow, of 100 bytes at most; more find no room, and none is lost without a word', async () => {
  const { store } = await openNode()
  const book = bookOf(store)
  const [other, flow] = [FLOWS[0]!, FLOWS.at(-1)!]
  const deviation = (seq: number): Deviation => ({
    seq,
    hash: hashOf(1, seq),
    status: 'failed',
    code: 'ID_TAKEN'
  })
  const all = Array.from({ length: MAX_EXCEPTIONS }, (_, seq) => deviation(seq))
  expect(await book.note(flow, all)).toBe(0)
  expect(await book.isFull(flow)).toBe(true)
  expect(await book.note(flow, [deviation(5), deviation(MAX_EXCEPTIONS)])).toBe(1)
  expect(await book.note(other, [deviation(MAX_EXCEPTIONS)])).toBe(0)
  let bytes = 0
  for (const family of ['syncState', 'syncByStatus', 'syncDue'] as const)
    for (const [key, value] of await store.all(familyRange(family))) bytes += key.length + value.length
  expect(bytes / (MAX_EXCEPTIONS + 1)).toBeLessThanOrEqual(100)
  await adoptionIsToldOf(book, store, flow)
  expect(await book.settle(flow, 10, SEQ_END)).toBe(MAX_EXCEPTIONS - 10)
  expect(await book.counts(flow)).toEqual({ pending: 0, conflict: 0, failed: 10 })
}, 120_000)

/** A full book: adoption stands still, loudly, and goes on when there is room. */
async function adoptionIsToldOf(book: ExceptionBook, store: Store, { ledgerNumber }: FlowPlace): Promise<void> {
  const log = new TestLog()
  const ledgers = { get: () => ({ ledgerNumber }) } as unknown as AdoptOutcomesInit['ledgers']
  const heard = new AdoptOutcomes({ book, ledgers, log })
  const say = (outcome: 'refused' | 'adopted', from: number, count: number): void => {
    for (let seq = from; seq < from + count; seq++)
      heard.heard({
        source: 'a',
        seq,
        hash: hashOf(1, seq),
        outcome,
        ...(outcome === 'refused' && { code: 'TOO_LARGE' })
      } as EntryOutcome)
  }
  say('refused', MAX_EXCEPTIONS - 256, 256)
  expect(await heard.hasRoom('a')).toBe(true)
  for (let group = 0; group < 3; group++) say('refused', MAX_EXCEPTIONS, 256)
  expect(await heard.hasRoom('a')).toBe(false)
  say('refused', MAX_EXCEPTIONS, 256)
  expect(await heard.hasRoom('a')).toBe(false)
  expect(log.lines.filter(({ fields }) => fields.event === 'sync.too-many-refused')).toHaveLength(1)
  // Retried, it goes on; what is still refused says so again.
  heard.again('a')
  expect(await heard.hasRoom('a')).toBe(true)
  say('refused', MAX_EXCEPTIONS, 1)
  expect(await heard.hasRoom('a')).toBe(false)
  // Taken now: it costs no search of the 100,000.
  const rows = vi.spyOn(store, 'rows')
  say('adopted', MAX_EXCEPTIONS - 20, 276)
  expect(await heard.hasRoom('a')).toBe(true)
  expect(rows).not.toHaveBeenCalled()
  say('refused', MAX_EXCEPTIONS - 20, 20)
  await heard.idle()
}
