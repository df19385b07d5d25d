/** The view of what was synced: what a plain table says, row by row; and paid for by what is asked for. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRule } from '../../../src/conflict/rule.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { ExceptionBook } from '../../../src/node/sync-state/exception-book.js'
import { copiedVoided } from '../../../src/node/sync-state/copied-voided.js'
import { StateApi } from '../../../src/node/sync-state/state-api.js'
import { inboundFlow, outboundFlow, type StateFlow } from '../../../src/node/sync-state/state-flow.js'
import type { StateStatus, SyncStateRow } from '../../../src/node/api/push.js'
import { openStore, type Store } from '../../../src/store/store.js'
import { EXCEPTION_STATUSES } from '../../../src/store/exception-rows.js'
import { acceptBranch } from '../../helpers/freeze-at.js'
import { dice } from '../../helpers/dice.js'
import { Author, openNode, temporaryFolder, TestLog } from '../../ledger/support.js'

const STATUSES: StateStatus[] = ['pending', 'synced', 'conflict', 'failed']
const REMOTE = `b${'a'.repeat(52)}`

interface Reads {
  store: Store
  rows: () => number
}

/** Counts what is read: each row that comes back, and each key that is asked for. */
function counted(store: Store): Reads {
  let rows = 0
  const count = <Result>(result: Result): Result => {
    rows += Array.isArray(result) ? result.length : 1
    return result
  }
  return {
    rows: () => rows,
    store: new Proxy(store, {
      get: (target, name: keyof Store) => {
        const value = target[name]
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...given: unknown[]) => unknown
        return ['get', 'getMany', 'all', 'keys'].includes(name)
          ? async (...given: unknown[]) => count(await call(...given))
          : call
      }
    })
  }
}

function apiOf(
  { store, ledgers, book }: { store: Store; ledgers: Ledgers; book: ExceptionBook },
  flows: () => StateFlow[]
): StateApi {
  return new StateApi({
    book,
    open: ledgers.openConflicts,
    voided: async (id) => await copiedVoided(ledgers, id),
    store,
    ledgerOf: (id) => ledgers.get(id),
    flows,
    again: () => undefined
  })
}

const pushed = (ledger: string, size: number, durable: number, status: 'pending' | 'failed') =>
  ({
    ledger,
    remote: REMOTE,
    size,
    durable,
    status,
    code: status === 'failed' ? 'DENIED' : 'FETCHING',
    explanation: null,
    attempts: 1,
    last: 5,
    next: null
  }) as const

async function all(api: StateApi, filter: Parameters<StateApi['page']>[0]): Promise<SyncStateRow[]> {
  const rows: SyncStateRow[] = []
  for (let cursor: string | undefined; ;) {
    const page = await api.page({ ...filter, ...(cursor !== undefined && { cursor }) })
    rows.push(...page.rows)
    if (page.nextCursor === null) return rows
    cursor = page.nextCursor
  }
}

test('every entry of a flow has exactly one status, whatever deviates, and pages lose none (seeds)', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = dice(seed)
    const { store, ledgers, clock } = await openNode()
    const author = await Author.create()
    await author.addMany(150)
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(author.entries)
    await mirror.setAudited(Math.floor(random() * 150))
    const own = ledgers.own
    await own.appendBatch(Array.from({ length: 300 }, () => ({ stream: 's', type: 't' })))
    const durable = Math.floor(random() * 300)
    const book = new ExceptionBook({ store, clock, onDue: () => undefined })
    const { ledgerNumber, id: ledger, size, visible, audited } = mirror
    const flows = [
      outboundFlow(pushed(own.id, own.size, durable, random() < 0.5 ? 'failed' : 'pending'), own.ledgerNumber, 1),
      inboundFlow({ ledger, ledgerNumber, size, visible, audited, next: null })
    ]
    const api = apiOf({ store, ledgers, book }, () => flows)
    const table = new Map<string, StateStatus>()
    for (const flow of flows)
      for (const { from, to, status } of flow.stretches)
        for (let seq = from; seq < to; seq++) table.set(`${flow.place.direction} ${seq}`, status)
    for (let i = 0; i < 60; i++) {
      const flow = flows[i % 2]!
      const held = ledgers.get(flow.ledger)!
      const seq = Math.floor(random() * held.size)
      const status = EXCEPTION_STATUSES[Math.floor(random() * 3)]!
      await book.note(flow.place, [{ seq, hash: (await held.hashAt(seq))!, status, code: 'ID_TAKEN' }])
      table.set(`${flow.place.direction} ${seq}`, status)
    }
    // of an entry that has given way to another
    await book.note(flows[0]!.place, [{ seq: 299, hash: 'ab'.repeat(32), status: 'failed', code: 'ID_TAKEN' }])
    const limit = 1 + Math.floor(random() * 50)
    const told = (rows: SyncStateRow[]): [string, StateStatus][] =>
      rows.map(({ direction, seq, status }) => [`${direction} ${seq}`, status])
    const everything = await all(api, { limit })
    expect({ seed, rows: new Map(told(everything)) }).toEqual({ seed, rows: table })
    expect(everything.length).toBe(table.size)
    for (const status of STATUSES)
      for (const direction of ['inbound', 'outbound'] as const)
        expect({ seed, status, direction, rows: told(await all(api, { status, direction, limit })) }).toEqual({
          seed,
          status,
          direction,
          rows: told(everything).filter(([at, one]) => at.startsWith(direction) && one === status)
        })
    const row = everything.find(({ status }) => status === 'failed')!
    expect(await all(api, { entry: row.entryHash })).toEqual([row])
    expect((await all(api, { entry: row.entryId, remote: row.remote }))[0]).toMatchObject({ seq: row.seq })
    expect(row).toMatchObject({ id: `${row.ledger}:${row.entryId}` })
  }
})

test('what deviates is found by what deviates: a hundred among ten thousand cost some hundreds of rows', async () => {
  const dir = await temporaryFolder()
  const { store, rows } = counted(await openStore(join(dir, 'db'), { log: new TestLog() }))
  const { ledgers, clock } = await openNode({ dir, store })
  const { own } = ledgers
  const book = new ExceptionBook({ store, clock, onDue: () => undefined })
  for (let i = 0; i < 10; i++) await own.appendBatch(Array.from({ length: 1_000 }, () => ({ stream: 's', type: 't' })))
  const flow = outboundFlow(pushed(own.id, own.size, own.size, 'pending'), own.ledgerNumber, 1)
  for (let seq = 100; seq <= 10_000; seq += 100)
    await book.note(flow.place, [{ seq, hash: (await own.hashAt(seq))!, status: 'failed', code: 'TOO_LARGE' }])
  const api = apiOf({ store, ledgers, book }, () => [flow])
  const before = rows()
  expect((await api.page({ status: 'failed' })).rows).toHaveLength(100)
  expect(rows() - before).toBeLessThan(600)
  expect((await api.page({ status: 'failed', remote: own.id })).rows).toEqual([])
  const one = rows()
  expect((await api.page({ entry: (await own.hashAt(4_200))! })).rows).toMatchObject([
    { seq: 4_200, status: 'failed', code: 'TOO_LARGE', attempts: 1, error: 'The copy would be too large.' }
  ])
  expect(rows() - one).toBeLessThan(10)
  expect(await api.retry({ entry: (await own.hashAt(4_200))! })).toBe(1)
  expect(await api.clear({ remote: REMOTE })).toBe(100)
  expect((await api.page({ status: 'failed' })).rows).toEqual([])
  await expect(api.page({ status: 'x' as StateStatus })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(api.page({ cursor: 'x' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
}, 60_000)

test('a pulled entry that stands beside another one is in conflict until somebody decides; one without its payload waits', async () => {
  const { store, ledgers, clock } = await openNode()
  await ledgers.rules.set(
    readRule({
      name: 'subjects',
      key: ['subject_oid'],
      match: { streams: ['orders'] },
      scope: 'held',
      resolvers: ['own']
    })
  )
  const [a, b] = [await Author.create('a'), await Author.create('b')]
  await a.add({ subject_oid: 'x' }, { value: 1 })
  await b.add({ subject_oid: 'x' }, { value: 2 })
  await b.add({ subject_oid: 'y' }, { value: 2 })
  for (const author of [a, b]) {
    const mirror = await ledgers.mirror(author.id)
    await mirror.ingest(
      author.entries.map((entry, seq) => (seq === 2 ? { ...entry, raw: { ...entry.raw, payload: null } } : entry))
    )
    await mirror.setAudited(mirror.size)
  }
  ledgers.conflicts.wake()
  await ledgers.conflicts.caughtUp()
  const book = new ExceptionBook({ store, clock, onDue: () => undefined })
  const api = apiOf({ store, ledgers, book }, () =>
    [a, b].map(({ id: ledger }) => {
      const { ledgerNumber, size, visible, audited } = ledgers.get(ledger)!
      return inboundFlow({ ledger, ledgerNumber, size, visible, audited, next: null })
    })
  )
  const conflict = expect.stringMatching(/^c[0-9a-f]{32}$/) as string
  expect(await all(api, { status: 'conflict' })).toMatchObject(
    [a, b]
      .map(({ id }) => id)
      .sort()
      .map((ledger) => ({ ledger, seq: 1, code: 'CONFLICT', conflicts: [conflict] }))
  )
  expect(await all(api, { status: 'pending' })).toMatchObject([{ ledger: b.id, seq: 2, code: 'NO_PAYLOAD' }])
  expect(await all(api, { status: 'synced' })).toHaveLength(2)
})

test('copies of what another branch has voided are rows of their own, after those of the branch that holds', async () => {
  const { store, ledgers, clock } = await openNode()
  const author = await Author.create()
  await author.addMany(4)
  const mirror = await ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  await mirror.setAudited(mirror.size)
  const [, , two, three, four] = author.entries
  for (const { hash, header } of [two!, three!])
    await ledgers.own.appendReserved(
      [
        {
          id: hash,
          stream: 's',
          type: 't',
          meta: { sync: { source: author.id, originalId: header.id, originalHash: hash } }
        }
      ],
      { allowUnresolved: true }
    )
  await ledgers.own.append({ id: four!.hash, stream: 's', type: 't' })
  await mirror.decide({ frozen: { size: 2, evidence: 'e'.repeat(32) }, keep: [], row: mirror.standing })
  await acceptBranch(mirror, [await author.sign({ ...two!.header, id: 'other', payload_hash: null, payload_size: 0 })])
  await mirror.setAudited(mirror.size)
  const { id, ledgerNumber, size, visible, audited } = mirror
  const flow = inboundFlow({ ledger: id, ledgerNumber, size, visible, audited, next: null })
  const api = apiOf({ store, ledgers, book: new ExceptionBook({ store, clock, onDue: () => undefined }) }, () => [flow])
  const said = (rows: SyncStateRow[]): unknown[] =>
    rows.map(({ seq, entryId, status, code }) => [seq, entryId, status, code])
  const voided = [
    [2, two!.header.id, 'conflict', 'SOURCE_VOIDED'],
    [3, three!.header.id, 'conflict', 'SOURCE_VOIDED']
  ]
  for (const limit of [1, 2, 3, 4, 100])
    expect(said(await all(api, { limit }))).toEqual([
      ...[0, 1, 2].map((seq) => [seq, seq === 2 ? 'other' : author.entries[seq]!.header.id, 'synced', null]),
      ...voided
    ])
  expect(said(await all(api, { status: 'conflict', limit: 1 }))).toEqual(voided)
  expect(said((await api.page({ entry: three!.hash })).rows)).toEqual([voided[1]])
  expect((await api.page({ status: 'synced', entry: three!.hash })).rows).toEqual([])
})
