import { expect, test } from 'vitest'
import { FlowBook, type FlowBookInit } from '../../../src/node/push/flow-book.js'
import type { Op } from '../../../src/store/store.js'
import type { Flow } from '../../../src/sync/push/types.js'
import { TestLog } from '../../ledger/support.js'

const [LEDGER, REMOTE, OTHER] = [`b${'a'.repeat(52)}`, `b${'b'.repeat(51)}a`, `b${'c'.repeat(51)}a`]
const FLOW: Flow = {
  ledger: LEDGER,
  remote: REMOTE,
  durable: 7,
  store: 'ab'.repeat(16),
  code: 'PENDING',
  attempts: 2,
  last: 1_700_000_000_000,
  next: null
}

/** A book over a store in memory; `fail`: the next write does. */
function setup() {
  const rows = new Map<string, Buffer>()
  const log = new TestLog()
  const state = { fail: false, writes: 0, failed: false }
  const init = {
    store: {
      get failed() {
        return state.failed
      },
      all: async () => [...rows].map(([key, value]) => [Buffer.from(key, 'latin1'), value]),
      write: async (ops: Op[]) => {
        state.writes++
        if (state.fail) throw new Error('no space')
        for (const op of ops) {
          if (op.type === 'put') rows.set(Buffer.from(op.key).toString('latin1'), Buffer.from(op.value as Uint8Array))
          else rows.delete(Buffer.from(op.key).toString('latin1'))
        }
      }
    },
    ledgers: {
      list: () => [{ id: LEDGER, ledgerNumber: 1 }],
      get: (id: string) => (id === LEDGER ? { ledgerNumber: 1 } : undefined)
    },
    log
  } as unknown as FlowBookInit
  return { book: new FlowBook(init), rows, log, state, again: () => new FlowBook(init) }
}

async function loaded(row: unknown): Promise<Flow[]> {
  const { book, rows, again, log } = setup()
  book.put(FLOW)
  await book.idle()
  const [key] = rows.keys()
  rows.set(key!, Buffer.from(typeof row === 'string' ? row : JSON.stringify(row)))
  const flows = await again().load()
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(flows.length === 1 ? [] : ['push.flow-unreadable'])
  return flows
}

const { ledger: _ledger, remote: _remote, ...ROW } = FLOW

test.each([
  ['no JSON', '{'],
  ['a list', []],
  ['nothing', null],
  ['a negative number of entries', { ...ROW, durable: -1 }],
  ['a number as text', { ...ROW, durable: '7' }],
  ['half an attempt', { ...ROW, attempts: 0.5 }],
  ['a store that is none', { ...ROW, store: 'x' }],
  ['a code that there is not', { ...ROW, code: 'MADE_UP' }],
  ['a member that every object has', { ...ROW, code: 'toString' }],
  ['no time', { ...ROW, last: undefined }]
])('a row that is damaged is said, and offered again: %s', async (_what, row) => {
  expect(await loaded(row)).toEqual([])
})

test('what was put comes back after a restart, and is gone when it was deleted', async () => {
  expect(await loaded(ROW)).toEqual([FLOW])
  const { book, again } = setup()
  book.put(FLOW)
  book.delete(LEDGER, REMOTE)
  book.put({ ...FLOW, remote: OTHER, code: null })
  await book.idle()
  expect(await again().load()).toEqual([{ ...FLOW, remote: OTHER, code: null }])
})

test('a flow that changes again and again while the disk is slow is written with its last state', async () => {
  const { book, state, again } = setup()
  for (let durable = 0; durable < 100; durable++) book.put({ ...FLOW, durable })
  await book.idle()
  expect(state.writes).toBeLessThanOrEqual(2)
  expect(await again().load()).toMatchObject([{ durable: 99 }])
})

test('a write that fails is said, and the next one goes on; nothing is written of a ledger that is gone', async () => {
  const { book, state, log, rows } = setup()
  state.fail = true
  book.put(FLOW)
  await book.idle()
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(['push.flow-write-failed'])
  state.fail = false
  book.put({ ...FLOW, ledger: OTHER })
  await book.idle()
  expect(rows.size).toBe(0)
  book.put(FLOW)
  await book.idle()
  expect(rows.size).toBe(1)
  state.failed = true
  book.delete(LEDGER, REMOTE)
  await book.idle()
  expect(rows.size).toBe(1)
})
