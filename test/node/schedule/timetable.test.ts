import { expect, test } from 'vitest'
import { changePlan, DEFAULT_PLAN, type PlanChange } from '../../../src/node/schedule/plan.js'
import { JobBook } from '../../../src/node/schedule/job-book.js'
import { ServeHello } from '../../../src/node/sessions/serve-hello.js'
import { ServeCaps } from '../../../src/node/schedule/serve-caps.js'
import { Timetable } from '../../../src/node/schedule/timetable.js'
import { textKey } from '../../../src/store/keys.js'
import { openNode, TestClock } from '../../ledger/support.js'

const A = `b${'a'.repeat(52)}`
const B = `b${'a'.repeat(50)}ba`
const HOUR_MS = 3_600_000

async function tableOf(node: Awaited<ReturnType<typeof openNode>>) {
  const table = await Timetable.load(node)
  const told: string[] = []
  table.listen({
    turned: ({ remote, open }) => told.push(`${remote === A ? 'a' : 'b'} ${open ? 'open' : 'closed'}`),
    pauseOver: (remote) => told.push(`${remote === A ? 'a' : 'b'} resumes`)
  })
  table.start()
  return { table, told }
}

test('a plan outlives a restart, and so does when it had its last turn', async () => {
  const node = await openNode()
  const { clock } = node
  const first = await tableOf(node)
  await first.table.set(A, changePlan(DEFAULT_PLAN, { schedule: 'every 24h', priority: 7, inKiBps: 512 }))
  expect(first.table.gateOf(A).open).toBe(true)
  first.table.done(A)
  const { open, next } = first.table.gateOf(A)
  expect([open, first.told]).toEqual([false, ['a closed']])
  await first.table.stop()
  clock.pass(HOUR_MS)
  const second = await tableOf(node)
  expect(second.table.planOf(A)).toEqual({
    ...DEFAULT_PLAN,
    schedule: { everyMs: 24 * HOUR_MS },
    priority: 7,
    inKiBps: 512
  })
  expect(second.table.gateOf(A)).toEqual({ open: false, next })
  // Timers are set anew at the latest after half a minute.
  while (clock.now() < next!) clock.pass(30_000)
  clock.pass(30_000)
  expect(second.told.at(-1)).toBe('a open')
  await second.table.delete(A)
  expect((await tableOf(node)).table.planOf(A)).toEqual(DEFAULT_PLAN)
})

test('a pause for a time ends, also one that ended while the node was off', async () => {
  const node = await openNode()
  const { clock } = node
  const { table, told } = await tableOf(node)
  await table.set(A, { ...DEFAULT_PLAN, pausedUntil: clock.now() + HOUR_MS })
  await table.set(B, { ...DEFAULT_PLAN, pausedUntil: clock.now() + 10 * HOUR_MS })
  for (let n = 0; n < 130; n++) clock.pass(30_000)
  expect(told).toEqual(['a resumes'])
  expect(table.planOf(A).pausedUntil).toBeNull()
  await table.stop()
  clock.pass(24 * HOUR_MS)
  expect((await tableOf(node)).told).toEqual(['b resumes'])
})

test('what cannot be read is logged and counts as continuous', async () => {
  const node = await openNode()
  const rows = [
    'not json',
    '{}',
    '{"schedule":"every 1s","priority":5,"inKiBps":null,"outKiBps":null,"pausedUntil":null,"ran":null}'
  ]
  for (const [n, row] of rows.entries())
    await node.store.write(
      [{ type: 'put', key: textKey('plan', `b${'a'.repeat(50)}${n + 2}a`), value: Buffer.from(row) }],
      { sync: false }
    )
  await node.store.write([{ type: 'put', key: textKey('job', 'nonsense'), value: Buffer.from('{"changes":[]}') }], {
    sync: false
  })
  const table = await Timetable.load(node)
  await JobBook.load(node)
  expect(table.list()).toEqual([])
  expect(node.log.lines.filter(({ level }) => level === 'error')).toHaveLength(4)
})

test.each<PlanChange>([
  { priority: 10 },
  { priority: -1 },
  { priority: 1.5 },
  { inKiBps: 15 },
  { outKiBps: Number.NaN },
  { schedule: 'sometimes' },
  { schedule: { everyMs: 1 } }
])('%j is refused', (change) => {
  expect(() => changePlan(DEFAULT_PLAN, change)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error)
})

test('the history of a job keeps the newest 32 changes, 8 over a restart, and none of a job that is gone', async () => {
  const node = await openNode()
  const book = await JobBook.load(node)
  const job = { direction: 'in', ledger: A, remote: A } as const
  const other = { direction: 'out', ledger: A, remote: B } as const
  expect(book.note(job, 'running', null, 1)).toBe(true)
  expect(book.note(job, 'running', null, 2)).toBe(false)
  for (let n = 0; n < 50; n++) book.note(job, n % 2 === 0 ? 'failing' : 'running', n % 2 === 0 ? 'NO_PEERS' : null, n)
  book.note(other, 'waiting', 'SCHEDULED', 3)
  expect(book.historyOf(job)).toHaveLength(32)
  expect(book.historyOf(job).at(-1)).toEqual({ at: 49, from: 'failing', to: 'running', code: null })
  await book.idle()
  const again = await JobBook.load(node)
  expect(again.historyOf(job)).toEqual(book.historyOf(job).slice(-8))
  expect(again.historyOf(other)).toEqual([{ at: 3, from: null, to: 'waiting', code: 'SCHEDULED' }])
  again.keep([job])
  await again.idle()
  expect((await JobBook.load(node)).historyOf(other)).toEqual([])
})

test('what is handed out is capped for each remote and for all, but not what somebody wants of his own', () => {
  const clock = new TestClock()
  const caps = new ServeCaps({
    clock,
    nodeKiBps: 1024,
    remoteKiBps: (remote) => (remote === B ? 16 : null),
    remoteOf: (peer) => ({ a: A, b: B })[peer] ?? null
  })
  const C = `b${'a'.repeat(50)}ca`
  expect(caps.waitMs('b', C)).toBe(0)
  caps.took('b', C, 17 * 16 * 1024)
  expect(caps.waitMs('b', C)).toBeGreaterThan(15_000)
  expect(caps.waitMs('b', B)).toBe(0)
  expect(caps.waitMs('stranger', C)).toBe(0)
  clock.time += 17_000
  expect(caps.waitMs('b', C)).toBe(0)
  caps.took('stranger', C, 10 * 1024 * 1024)
  expect(caps.waitMs('a', C)).toBeGreaterThan(8_000)
  expect(caps.waitMs('a', A)).toBe(0)
})

test('small gaps on the hello stream count as well, and wait as well; key entries do not', async () => {
  const clock = new TestClock()
  const caps = new ServeCaps({ clock, nodeKiBps: 16, remoteKiBps: () => null, remoteOf: () => null })
  const entry = { header: new Uint8Array(20_000), signature: new Uint8Array(64), payload: null }
  const reader = { visible: 5, range: async () => [entry], keyEntries: async () => [entry] }
  const hello = new ServeHello(
    { ask: () => reader } as unknown as ConstructorParameters<typeof ServeHello>[0],
    () => caps
  )
  expect(await hello.entries('p', A, 0, 5)).toHaveLength(1)
  expect(caps.sentBytes).toBe(20_064)
  await expect(hello.entries('p', A, 1, 5)).rejects.toMatchObject({
    code: 'BUSY',
    retryMs: expect.any(Number) as number
  })
  expect(await hello.keyEntries('p', A)).toHaveLength(1)
  clock.time += 1_000
  expect(await hello.entries('p', A, 1, 5)).toHaveLength(1)
  expect(caps.waitedMs).toBeGreaterThan(0)
})
