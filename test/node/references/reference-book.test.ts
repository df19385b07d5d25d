import { expect, test } from 'vitest'
import type { Reference } from '../../../src/core/reference.js'
import {
  ReferenceBook,
  type ReferenceChange,
  type WaitingReference
} from '../../../src/node/references/reference-book.js'
import type { ReferenceRow } from '../../../src/node/references/reference-row.js'
import type { ReferenceStatus } from '../../../src/references/types.js'
import { FAMILY } from '../../../src/store/keys.js'
import { lookedKey, referenceKey } from '../../../src/store/reference-keys.js'
import { MemoryStore } from '../../store/memory-store.js'

const [A, B] = ['a', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string]
const NOTHING = { verified: 0, proved: 0, unresolved: 0, contradicted: 0, disputed: 0 }

const rowOf = (status: ReferenceStatus, asOf = 1): ReferenceRow => ({ status, asOf, since: 7 })

function to(ledgerId: string, entryId = 'one'): Reference {
  return { ledgerId, entryId, entryHash: null, referenceType: 'source' }
}

function change(
  [ledgerNumber, seq, index = 0]: [number, number, number?],
  reference: Reference,
  before: ReferenceRow | null,
  after: ReferenceRow | null
): ReferenceChange {
  return { place: { ledgerNumber, seq, index }, reference, before, after }
}

function setup() {
  const store = new MemoryStore()
  return { store, book: new ReferenceBook(store), again: () => new ReferenceBook(store) }
}

type Chunks = ReturnType<ReferenceBook['waiting']>

async function allOf(chunks: Chunks): Promise<WaitingReference[]> {
  const all: WaitingReference[] = []
  for await (const chunk of chunks) all.push(...chunk)
  return all
}

async function placesOf(chunks: Chunks): Promise<ReferenceChange['place'][]> {
  return (await allOf(chunks)).map(({ place }) => place)
}

/** How many references wait for a ledger. */
async function waiting(book: ReferenceBook, ledger: string): Promise<number> {
  return (await placesOf(book.waiting(ledger))).length
}

const open = rowOf('unresolved', 0)

test('a row that cannot be read is said, and not taken for anything', async () => {
  const { store, book, again } = setup()
  await book.write([change([1, 3], to(A), null, open)], null)
  for (const damage of [Buffer.of(), Buffer.alloc(13, 9), Buffer.alloc(12, 1)]) {
    await store.write([{ type: 'put', key: referenceKey({ ledgerNumber: 1, seq: 3, index: 0 }), value: damage }])
    await expect(again().load([1])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(book.rows(1, 0, 9)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(book.rowsAt([{ ledgerNumber: 1, seq: 3, index: 0 }])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  }
})

test('what waits: everything but what is verified, and what a hash alone contradicts', async () => {
  const { book } = setup()
  const waits = async (row: ReferenceRow): Promise<boolean> => {
    await book.write([change([1, 0], to(A), null, row)], null)
    const found = await book.isAwaited(A)
    await book.write([change([1, 0], to(A), row, null)], null)
    return found
  }
  expect(await waits(rowOf('verified'))).toBe(false)
  expect(await waits(rowOf('contradicted', 0))).toBe(false)
  for (const row of [rowOf('contradicted', 4), rowOf('unresolved', 0), rowOf('proved'), rowOf('disputed')])
    expect(await waits(row)).toBe(true)
  expect([await book.isAwaited(A), book.counts(1)]).toEqual([false, NOTHING])
})

test('what is counted and waited for follows each change, and is the same after a restart', async () => {
  const { book, again } = setup()
  await book.write(
    [
      change([1, 0], to(A), null, open),
      change([1, 0, 1], to(A, 'two'), null, open),
      change([1, 5], to(B), null, rowOf('verified')),
      change([2, 0], to(A), null, rowOf('disputed'))
    ],
    { ledgerNumber: 1, size: 6 }
  )
  await book.write([change([1, 0], to(A), open, rowOf('verified'))], null)
  const next = again()
  await next.load([1, 2])
  for (const one of [book, next]) {
    expect(one.counts(1)).toEqual({ ...NOTHING, verified: 2, unresolved: 1 })
    expect(one.counts(2)).toEqual({ ...NOTHING, disputed: 1 })
    expect([await waiting(one, A), await waiting(one, B)]).toEqual([2, 0])
    expect(await one.looked(1)).toBe(6)
  }
})

test('what waits for one id does not wait for another one that begins with it', async () => {
  const { book } = setup()
  const ids = ['one', 'one1', 'on', 'öne', 'one one']
  await book.write(
    ids.map((id, seq) => change([1, seq], to(A, id), null, open)),
    null
  )
  for (const [seq, id] of ids.entries())
    expect(await placesOf(book.waiting(A, { entryId: id }))).toEqual([{ ledgerNumber: 1, seq, index: 0 }])
  expect([await waiting(book, A), await waiting(book, B)]).toEqual([5, 0])
})

test('what waits is read on from behind any of it', async () => {
  const { book } = setup()
  await book.write(
    ['one', 'one1', 'two'].map((id, seq) => change([1, seq], to(A, id), null, open)),
    null
  )
  for (const [i, { key }] of (await allOf(book.waiting(A))).entries()) {
    const seqs = (await placesOf(book.waiting(A, { after: key }))).map(({ seq }) => seq)
    expect(seqs).toEqual([0, 1, 2].slice(i + 1))
  }
})

test('a ledger that is held no more waits for nothing, after a restart either', async () => {
  const { book, again } = setup()
  await book.write([change([1, 0], to(B), null, open), change([2, 0], to(B), null, open)], null)
  const next = again()
  await next.sweep(new Map([[1, 1]]))
  expect(await placesOf(next.waiting(B))).toEqual([{ ledgerNumber: 1, seq: 0, index: 0 }])
  expect(await next.rows(1, 0, 9)).toHaveLength(1)
  await next.sweep(new Map([[1, 0]]))
  expect([await waiting(next, B), await next.rows(1, 0, 9)]).toEqual([0, []])
})

test('of ledgers that are not tracked any more nothing stays, and whoever was never tracked costs nothing', async () => {
  const { store, book } = setup()
  await book.write([change([2, 0], to(B), null, rowOf('verified'))], { ledgerNumber: 2, size: 1 })
  const { writes } = store
  expect(await book.drop([1, 3])).toBe(false)
  expect(store.writes).toBe(writes)
  expect(await book.drop([1, 2, 3])).toBe(true)
  expect([await book.rows(2, 0, 9), await book.looked(2)]).toEqual([[], 0])
})

test('entries that are gone take their references along, and no others', async () => {
  const { book, again } = setup()
  await book.write(
    [
      change([1, 2], to(A), null, open),
      change([1, 3], to(A), null, open),
      change([1, 4], to(B), null, rowOf('verified')),
      change([2, 4], to(A), null, open)
    ],
    { ledgerNumber: 1, size: 9 }
  )
  await book.trim(new Map([[1, 3]]))
  expect([book.counts(1), book.counts(2), await waiting(book, A), await book.looked(1)]).toEqual([
    { ...NOTHING, unresolved: 1 },
    { ...NOTHING, unresolved: 1 },
    2,
    3
  ])
  await book.trim(new Map([[1, 7]]))
  expect(await book.looked(1), 'nothing was looked at there').toBe(3)
  const next = again()
  await next.load([1, 2])
  expect([next.counts(1), await waiting(next, A)]).toEqual([{ ...NOTHING, unresolved: 1 }, 2])
  await book.forget([1])
  expect([book.counts(1), await waiting(book, A), await book.looked(1)]).toEqual([NOTHING, 1, 0])
})

test('where all is verified, a cut reads none of what others wait for', async () => {
  const { store, book } = setup()
  await book.write([change([1, 0], to(A), null, rowOf('verified')), change([2, 0], to(B), null, open)], null)
  const families: number[] = []
  const rows = store.rows.bind(store)
  store.rows = (range) => {
    families.push(range.gte[0]!)
    return rows(range)
  }
  await book.trim(new Map([[1, 0]]))
  expect(families).not.toContain(FAMILY.refWait)
  await book.trim(new Map([[2, 0]]))
  expect(families.filter((family) => family === FAMILY.refWait)).toHaveLength(1)
})

test('pages of a status go on where the one before ended, and end', async () => {
  const { book } = setup()
  const changes = [0, 1, 2, 3, 4, 5].map((n) =>
    change([1, n >> 1, n & 1], to(A, `${n}`), null, rowOf(n % 3 === 0 ? 'verified' : 'proved'))
  )
  await book.write([...changes, change([2, 0], to(A), null, rowOf('proved'))], { ledgerNumber: 1, size: 3 })
  const all = async (status: ReferenceStatus | null, limit: number): Promise<number[]> => {
    const found: number[] = []
    for (let start: { seq: number; index: number } | null = { seq: 0, index: 0 }; start !== null;) {
      const page: Awaited<ReturnType<ReferenceBook['list']>> = await book.list(1, status, start, limit)
      expect(page.found.length).toBeLessThanOrEqual(limit)
      found.push(...page.found.map(({ place }) => 2 * place.seq + place.index))
      start = page.next
    }
    return found
  }
  for (const limit of [1, 2, 3, 7]) {
    expect(await all(null, limit)).toEqual([0, 1, 2, 3, 4, 5])
    expect(await all('proved', limit)).toEqual([1, 2, 4, 5])
    expect(await all('disputed', limit)).toEqual([])
  }
})

test('a write that fails changes no count: the store says so to whoever wrote', async () => {
  const { store, book } = setup()
  store.fails = new Error('no space')
  await expect(book.write([change([1, 0], to(A), null, open)], null)).rejects.toThrow('no space')
  expect([book.counts(1), await book.isAwaited(A)]).toEqual([NOTHING, false])
  store.fails = null
  const { writes } = store
  await book.write([], null)
  expect(store.writes).toBe(writes)
})

test('how far was looked is read from what is whole alone', async () => {
  const { store, book } = setup()
  expect(await book.looked(1)).toBe(0)
  await store.write([{ type: 'put', key: lookedKey(1), value: Buffer.of(1, 2) }])
  expect(await book.looked(1)).toBe(0)
  await book.putLooked(new Map([[1, 2 ** 40]]))
  expect(await book.looked(1)).toBe(2 ** 40)
})
