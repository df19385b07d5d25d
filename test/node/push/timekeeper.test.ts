import { expect, test } from 'vitest'
import type { Job } from '../../../src/node/api/jobs.js'
import { Timekeeper, type TimekeeperInit } from '../../../src/node/push/timekeeper.js'
import { JobBook } from '../../../src/node/schedule/job-book.js'
import { DEFAULT_PLAN } from '../../../src/node/schedule/plan.js'
import type { Flow, PushCode } from '../../../src/sync/push/types.js'
import type { StallCode, SyncStatus } from '../../../src/sync/types.js'
import { TestClock, TestLog } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const id = (letter: string): string => `b${letter.repeat(51)}a`
const [OWN, A, B] = [id('o'), id('a'), id('b')]

async function setup() {
  const clock = new TestClock()
  const log = new TestLog()
  const jobs = await JobBook.load({ store: new MemoryStore(), log })
  const state = {
    statuses: new Map<string, SyncStatus>(),
    flows: [] as Flow[],
    open: new Set<string>(),
    done: [] as string[],
    told: [] as string[],
    counted: [] as string[],
    finds: 0,
    resume: null as Error | null
  }
  let turns!: { turned: (turned: object) => void; pauseOver: (remote: string) => void }
  let changed = (): void => {}
  const keeper = new Timekeeper({
    timetable: {
      listen: (given: typeof turns) => {
        turns = given
      },
      start: () => undefined,
      stop: async () => {},
      ask: (remote: string) => state.told.push(`ask ${remote}`),
      delete: async (remote: string) => state.told.push(`delete ${remote}`),
      planOf: () => DEFAULT_PLAN,
      list: () => [...state.open],
      gateOf: (remote: string) => ({ open: state.open.has(remote), next: null }),
      done: (remote: string) => state.done.push(remote)
    },
    jobs,
    ledgers: { own: { id: OWN }, get: (one: string) => ({ id: one, chain: { name: `name of ${one[1]!}` } }) },
    follows: { list: () => [...state.statuses.keys()], has: (one: string) => state.statuses.has(one) },
    replication: {
      runtime: {
        onChange: (listener: () => void) => {
          changed = listener
          return () => {
            changed = () => {}
          }
        },
        status: (ledger: { id: string }) => {
          state.finds++
          return state.statuses.get(ledger.id)
        },
        turned: ({ remote }: { remote: string }) => state.told.push(`runtime ${remote}`)
      },
      control: {
        setPaused: async (ledger: { id: string }) => {
          if (state.resume !== null) throw state.resume
          state.told.push(`resume ${ledger.id}`)
        }
      }
    },
    pusher: {
      flows: () => state.flows,
      dispatch: ({ type, remote }: { type: string; remote: string }) => state.told.push(`${type} ${remote}`)
    },
    dialer: { look: () => state.told.push('dial'), nextAt: () => 77 },
    clock,
    log,
    metrics: { counter: () => (labels: { to: string }) => state.counted.push(labels.to) }
  } as unknown as TimekeeperInit)
  const stalled = (code: StallCode, next: number | null = null): SyncStatus =>
    ({ status: 'stalled', code, next }) as unknown as SyncStatus
  const flow = (code: PushCode | null, remote = B): Flow => ({
    ledger: OWN,
    remote,
    durable: 0,
    store: null,
    code,
    attempts: 0,
    last: null,
    next: 5
  })
  return { keeper, clock, log, state, stalled, flow, turns: () => turns, changed: () => changed() }
}

const shown = ({ direction, remote, state, code, next }: Job): unknown[] => [direction, remote, state, code, next]

test('what waits for nobody else’s fault waits, the rest fails; a push without a connection is due when it is dialled', async () => {
  const { keeper, state, stalled, flow } = await setup()
  const pulled = (status: SyncStatus): unknown => {
    state.statuses = new Map([[A, status]])
    state.flows = []
    return shown(keeper.list({})[0]!)
  }
  expect(pulled({ status: 'synced' } as unknown as SyncStatus)).toEqual(['in', A, 'done', null, null])
  expect(pulled({ status: 'syncing' } as unknown as SyncStatus)).toEqual(['in', A, 'running', null, null])
  for (const code of ['PAUSED', 'SCHEDULED', 'QUEUED', 'THROTTLED'] as const)
    expect(pulled(stalled(code, 9))).toEqual(['in', A, 'waiting', code, 9])
  expect(pulled(stalled('QUOTA'))).toEqual(['in', A, 'failing', 'QUOTA', null])
  const pushed = (code: PushCode | null): unknown => {
    state.statuses = new Map()
    state.flows = [flow(code)]
    return shown(keeper.list({})[0]!)
  }
  expect(pushed(null)).toEqual(['out', B, 'done', null, 5])
  expect(pushed('NO_CONNECTION')).toEqual(['out', B, 'waiting', 'NO_CONNECTION', 77])
  expect(pushed('FETCHING')).toEqual(['out', B, 'running', 'FETCHING', 5])
  expect(pushed('DENIED')).toEqual(['out', B, 'failing', 'DENIED', 5])
})

test('a turn is over when nothing is left to do, also when all that is left waits for somebody to act', async () => {
  const { keeper, state, clock, stalled, flow } = await setup()
  const isOver = async (statuses: [string, SyncStatus][], flows: Flow[]): Promise<boolean> => {
    state.statuses = new Map(statuses)
    state.flows = flows
    state.done.length = 0
    state.open = new Set([A])
    keeper.wake()
    clock.pass(1_000)
    return state.done.includes(A)
  }
  expect(await isOver([], [])).toBe(true)
  expect(await isOver([[A, { status: 'syncing' } as unknown as SyncStatus]], [])).toBe(false)
  expect(await isOver([[A, stalled('QUOTA', 9)]], []), 'it is tried again').toBe(false)
  expect(await isOver([[A, stalled('QUOTA')]], [])).toBe(true)
  expect(await isOver([[A, stalled('PAUSED')]], [])).toBe(true)
  expect(await isOver([[A, stalled('QUEUED')]], [])).toBe(false)
  expect(await isOver([], [flow('FETCHING', A)])).toBe(false)
  expect(await isOver([], [flow('DENIED', A)])).toBe(true)
  expect(await isOver([[B, { status: 'syncing' } as unknown as SyncStatus]], []), 'another one is busy').toBe(true)
})

test('each change of state is noted and counted once; what changes back within a look is no change', async () => {
  const { keeper, state, clock, stalled, changed } = await setup()
  keeper.start()
  state.statuses.set(A, { status: 'syncing' } as unknown as SyncStatus)
  changed()
  changed()
  clock.pass(100)
  expect([state.finds, state.counted]).toEqual([1, ['running']])
  state.statuses.set(A, stalled('QUOTA'))
  changed()
  state.statuses.set(A, { status: 'syncing' } as unknown as SyncStatus)
  clock.pass(1_000)
  expect(state.counted).toEqual(['running'])
  state.statuses.set(A, stalled('QUOTA'))
  changed()
  clock.pass(1_000)
  const [job] = keeper.list({ ledger: A, history: true })
  expect(job!.history.map(({ from, to, code }) => [from, to, code])).toEqual([
    [null, 'running', null],
    ['running', 'failing', 'QUOTA']
  ])
  expect([job!.since, keeper.list({ ledger: B })]).toEqual([clock.now(), []])
})

test('a job that is none any more is forgotten', async () => {
  const { keeper, state, clock } = await setup()
  const running = { status: 'syncing' } as unknown as SyncStatus
  const look = (): void => {
    keeper.wake()
    clock.pass(1_000)
  }
  state.statuses.set(A, running)
  look()
  state.statuses.delete(A)
  look()
  state.statuses.set(A, running)
  look()
  expect(keeper.list({ history: true })[0]!.history).toHaveLength(1)
})

test('a turn opens and closes what is pulled and pushed; the own ledger is not pulled, nobody is dialled before the network is there', async () => {
  const { keeper, state, turns } = await setup()
  keeper.start()
  turns().turned({ remote: A, open: true, next: null })
  turns().turned({ remote: OWN, open: false, next: 5 })
  expect(state.told).toEqual([`runtime ${A}`, `opened ${A}`, `closed ${OWN}`])
  keeper.ready()
  turns().turned({ remote: A, open: false, next: 5 })
  expect(state.told.slice(3)).toEqual(['dial', `runtime ${A}`, `closed ${A}`, 'dial'])
})

test('a pause that is over ends, of what is followed still; one that cannot end is said', async () => {
  const { keeper, state, turns, log } = await setup()
  keeper.start()
  turns().pauseOver(A)
  state.statuses.set(A, { status: 'synced' } as unknown as SyncStatus)
  turns().pauseOver(A)
  state.resume = new Error('the disk')
  turns().pauseOver(A)
  await new Promise(setImmediate)
  expect(state.told).toEqual([`resume ${A}`])
  expect(log.lines.map(({ fields }) => fields.event)).toEqual(['schedule.resume-failed'])
})

test('after the end nothing is looked at', async () => {
  const { keeper, state, clock } = await setup()
  keeper.start()
  await keeper.stop()
  keeper.wake()
  state.open.add(A)
  clock.pass(10_000)
  expect(state.done).toEqual([])
})
