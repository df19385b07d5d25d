import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Reference } from '../../src/core/reference.js'
import type { LedgerEntry } from '../../src/core/view.js'
import type { LedgerReader } from '../../src/ledger/ledger-reader.js'
import type { QueryFilter } from '../../src/ledger/read/query.js'
import { Author, openNode, START_MS, type Node } from './support.js'

const COUNT = 1400
const LEDGERS = ['c', 'd', 'e'].map((letter) => `b${letter.repeat(51)}a`)

function to(ledger: number, entry: number): Reference {
  return { ledgerId: LEDGERS[ledger]!, entryId: `entry-${entry}`, entryHash: null, referenceType: 'related' }
}

async function filled(): Promise<{ node: Node; author: Author; mirror: LedgerReader }> {
  const node = await openNode()
  const author = await Author.create()
  await author.addMany(
    COUNT,
    (seq) => ({
      stream: `stream-${seq % 3}`,
      type: seq % 50 === 0 ? 'rare' : 'order',
      issuer_oid: seq % 7 === 0 ? null : `issuer-${seq % 7}`,
      subject_oid: `subject-${Math.floor(seq / 10)}`,
      meta: seq % 4 === 0 ? { crossLedgerRefs: [to(seq % 3, seq % 5), to(seq % 3, 1), to(0, seq % 60)] } : {},
      // mostly rising, with some that go back
      timestamp: START_MS + seq * 10 - (seq % 100 === 0 ? 5000 : 0)
    }),
    () => null
  )
  const mirror = await node.ledgers.mirror(author.id)
  // blocks of every size: single entries, small batches, large ones
  for (let from = 0, size = 1; from < author.entries.length; from += size, size = size % 5 === 4 ? 300 : size + 1)
    await mirror.ingest(author.entries.slice(from, from + size))
  return { node, author, mirror }
}

async function pages(ledger: LedgerReader, filter: QueryFilter): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = []
  let cursor: string | undefined
  do {
    const page = await ledger.query({ ...filter, cursor })
    expect(page.hasMore).toBe(page.nextCursor !== null)
    expect(page.entries.length).toBeLessThanOrEqual(filter.limit ?? 100)
    entries.push(...page.entries)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return entries
}

test('any filter gives what a walk over all entries gives', async () => {
  const { author, mirror } = await filled()
  const time = fc.option(fc.integer({ min: START_MS - 6000, max: START_MS + COUNT * 10 + 100 }), { nil: undefined })
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        stream: fc.constantFrom(undefined, undefined, 'stream-0', 'stream-1', 'none'),
        type: fc.constantFrom(undefined, undefined, 'rare', 'order', 'ledger.genesis'),
        issuer_oid: fc.constantFrom(undefined, undefined, 'issuer-1', 'issuer-6'),
        subject_oid: fc.constantFrom(undefined, undefined, undefined, 'subject-5', 'subject-139'),
        refers_to: fc.constantFrom(
          undefined,
          undefined,
          { ledger: LEDGERS[0]! },
          { ledger: LEDGERS[1]! },
          { ledger: LEDGERS[2]!, entry_id: 'entry-1' },
          { ledger: LEDGERS[0]!, entry_id: 'entry-56' },
          { ledger: LEDGERS[0]!, entry_id: 'none' }
        ),
        from: time,
        to: time,
        order: fc.constantFrom('asc' as const, 'desc' as const),
        fromSeq: fc.option(fc.integer({ min: 0, max: COUNT + 10 }), { nil: undefined }),
        limit: fc.integer({ min: 30, max: 1000 })
      }),
      async (filter) => {
        const expected = author.entries
          .map(({ header }) => header)
          .filter(
            (header) =>
              (filter.stream === undefined || header.stream === filter.stream) &&
              (filter.type === undefined || header.type === filter.type) &&
              (filter.issuer_oid === undefined || header.issuer_oid === filter.issuer_oid) &&
              (filter.subject_oid === undefined || header.subject_oid === filter.subject_oid) &&
              (filter.refers_to === undefined ||
                ((header.meta.crossLedgerRefs ?? []) as Reference[]).some(
                  ({ ledgerId, entryId }) =>
                    ledgerId === filter.refers_to!.ledger &&
                    (filter.refers_to!.entry_id === undefined || filter.refers_to!.entry_id === entryId)
                )) &&
              (filter.from === undefined || header.timestamp >= filter.from) &&
              (filter.to === undefined || header.timestamp < filter.to) &&
              header.seq >= (filter.fromSeq ?? 0)
          )
          .map(({ seq }) => seq)
        if (filter.order === 'desc') expected.reverse()
        expect((await pages(mirror, filter)).map(({ seq }) => seq)).toEqual(expected)
      }
    ),
    { numRuns: 60 }
  )
}, 60_000)

test('values that are frequent and never meet end too', async () => {
  const { ledgers } = await openNode()
  const author = await Author.create()
  await author.addMany(
    3000,
    (seq) => ({ stream: seq % 2 ? 'a' : 'b', type: seq % 2 ? 'x' : 'y' }),
    () => null
  )
  const mirror = await ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  expect(await pages(mirror, { stream: 'a', type: 'y' })).toEqual([])
  expect((await pages(mirror, { stream: 'a', type: 'x', limit: 1000 })).length).toBe(1500)
})

test('bad filters are refused', async () => {
  const {
    ledgers: { own }
  } = await openNode()
  for (const filter of [
    { limit: 0 },
    { limit: 1001 },
    { limit: 1.5 },
    { fromSeq: -1 },
    { fromSeq: 0.5 },
    { from: Number.NaN },
    { order: 'up' },
    { refers_to: 'a' },
    { refers_to: { ledger: 'acme' } },
    { refers_to: { ledger: LEDGERS[0]!, id: 'x' } },
    { stream: 5 }
  ])
    await expect(own.query(filter as QueryFilter)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a cursor belongs to its filter, order, ledger and store, and cannot be made up', async () => {
  const { node, mirror } = await filled()
  const filter = { stream: 'stream-1', limit: 10 }
  const cursor = (await mirror.query(filter)).nextCursor!
  expect((await mirror.query({ ...filter, cursor, limit: 20 })).entries.length).toBe(20)
  const refused = { code: 'CURSOR_INVALID' }
  for (const other of [{ stream: 'stream-2' }, { order: 'desc' as const }, { from: 5 }, { type: 'order' }])
    await expect(mirror.query({ ...filter, ...other, cursor })).rejects.toMatchObject(refused)
  await expect(node.ledgers.own.query({ ...filter, cursor })).rejects.toMatchObject(refused)
  await expect(node.ledgers.query({ ...filter, cursor })).rejects.toMatchObject(refused)
  const other = await filled()
  await expect(other.mirror.query({ ...filter, cursor })).rejects.toMatchObject(refused)
  const text = Buffer.from(cursor, 'base64url').toString()
  for (const forged of [
    '',
    'x',
    `${cursor}=`,
    cursor.slice(1),
    Buffer.from(text.replace(/ \d+ /, ' 7 ')).toString('base64url'),
    Buffer.from(`${text} x`).toString('base64url')
  ]) {
    await expect(mirror.query({ ...filter, cursor: forged })).rejects.toMatchObject(refused)
  }
})

test('a page goes on where the last one ended while entries are appended', async () => {
  const {
    ledgers: { own }
  } = await openNode()
  const append = async (count: number): Promise<void> => {
    await own.appendBatch(Array.from({ length: count }, () => ({ stream: 's', type: 't' })))
  }
  await append(5)
  const first = await own.query({ stream: 's', limit: 4 })
  await append(5)
  const second = await own.query({ stream: 's', limit: 4, cursor: first.nextCursor! })
  expect([...first.entries, ...second.entries].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect((await own.query({ stream: 's', limit: 10 })).hasMore).toBe(false)
})

test('all held ledgers: by ledger, then seq, page by page, both ways', async () => {
  const { ledgers } = await openNode()
  for (const name of ['a', 'b', 'c']) {
    const author = await Author.create(name)
    await author.addMany(
      5,
      () => ({}),
      () => null
    )
    await (await ledgers.mirror(author.id)).ingest(author.entries)
  }
  await ledgers.mirror((await Author.create('empty')).id)
  const expected = ledgers.list().flatMap(({ id, size }) => Array.from({ length: size }, (_, seq) => `${id} ${seq}`))
  for (const order of ['asc', 'desc'] as const) {
    for (const limit of [1, 2, 3, 6, 18, 19, 1000]) {
      const found: string[] = []
      let cursor: string | undefined
      do {
        const page = await ledgers.query({ order, limit, cursor })
        found.push(...page.entries.map(({ ledger, seq }) => `${ledger} ${seq}`))
        cursor = page.nextCursor ?? undefined
      } while (cursor !== undefined)
      expect(found).toEqual(order === 'asc' ? expected : expected.toReversed())
    }
  }
  expect((await ledgers.query({ type: 'order' }, [ledgers.own.id])).entries).toEqual([])
})

test.each(['asc', 'desc'] as const)('pages of large payloads are cut by bytes and none is lost, %s', async (order) => {
  const node = await openNode()
  const { own } = node.ledgers
  for (let i = 0; i < 12; i++)
    await own.append({ stream: 'large', type: 'large', payload: String(i).repeat(900_000 / String(i).length) })
  const first = await own.query({ stream: 'large', order, limit: 1000 })
  expect(first.hasMore).toBe(true)
  expect(first.entries.length).toBeLessThan(6)
  const all = await pages(own, { stream: 'large', order, limit: 1000 })
  expect(all.map(({ seq }) => seq)).toEqual(
    order === 'asc' ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
  )
})

test.each(['asc', 'desc'] as const)('a page that starts far from all postings of its value ends, %s', async (order) => {
  const node = await openNode()
  const author = await Author.create()
  const rare = order === 'asc' ? 5 : 5_995
  await author.addMany(
    6_000,
    (seq) => ({ stream: seq === rare ? 'rare' : 'common' }),
    () => null
  )
  const mirror = await node.ledgers.mirror(author.id)
  for (let from = 0; from < author.entries.length; from += 500)
    await mirror.ingest(author.entries.slice(from, from + 500))
  expect(await mirror.page({ stream: 'rare', order }, order === 'asc' ? 5_900 : 100)).toEqual({
    entries: [],
    next: null
  })
  expect((await mirror.page({ stream: 'rare', order }, undefined)).entries.map(({ seq }) => seq)).toEqual([rare])
})
