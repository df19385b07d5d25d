import { expect, test } from 'vitest'
import { PushService, type PushServiceInit } from '../../../src/node/push/push-service.js'
import { FAMILIES } from '../../../src/node/metrics/families.js'
import { Author, TestClock, TestLog, testRandom } from '../../ledger/support.js'
import { MemoryStore } from '../../store/memory-store.js'

const [mine, other] = [await Author.create('mine'), await Author.create('other')]
const [A, B] = ['a', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string]

async function setup({ reader = true, pushed = [A, B] }: { reader?: boolean; pushed?: string[] } = {}) {
  const clock = new TestClock()
  const log = new TestLog()
  const db = new MemoryStore()
  const connected: { peer: string; ledger: string }[] = []
  const told: string[] = []
  const replicated: unknown[] = []
  const state = { own: 'synced', fork: null as Error | null }
  const stopping = new AbortController()
  const ledgerOf = (author: Author, ledgerNumber: number) => ({
    id: author.id,
    own: author === mine,
    ledgerNumber,
    visible: author.entries.length,
    size: author.entries.length,
    audited: author.entries.length,
    head: () => author.entries.at(-1)!.raw,
    hashAt: async () => null
  })
  const held = new Map([
    [mine.id, ledgerOf(mine, 1)],
    [other.id, ledgerOf(other, 2)]
  ])
  const init = {
    adoption: { sources: () => [] },
    store: db,
    ledgers: {
      own: held.get(mine.id),
      get: (id: string) => held.get(id),
      list: () => [...held.values()],
      on: () => () => undefined
    },
    peerNetwork: {
      verifier: { verify: () => true },
      connections: { peers: () => connected, isConnected: () => false, connectTo: async () => undefined },
      directory: { nodesOf: () => [], isMet: () => false },
      rights: { may: () => reader },
      stopping: stopping.signal,
      host: {
        open: async () => {
          throw new Error('the line')
        }
      }
    },
    follows: { list: () => [other.id], get: () => null, has: () => true, onChange: () => () => undefined },
    trust: { onChange: () => () => undefined },
    replication: {
      control: { rule: { allows: () => true } },
      runtime: {
        status: ({ id }: { id: string }) =>
          id === mine.id ? { status: state.own } : { status: 'stalled', code: 'QUOTA', next: 8 },
        payloads: { nudge: ({ id }: { id: string }) => told.push(`nudge ${id}`) },
        forks: { findFork: async () => undefined },
        onChange: () => () => undefined
      }
    },
    events: { subscribe: () => () => undefined },
    accept: 'nobody',
    pullAgain: (id: string) => told.push(`pull ${id}`),
    autoSync: { replicas: 0, timeoutMs: 0 },
    timetable: {
      list: () => [],
      ask: (id: string) => told.push(`ask ${id}`),
      gateOf: () => ({ open: true, next: null })
    },
    clock,
    random: testRandom(),
    metrics: {
      counter: (family: unknown) => (labels: unknown) =>
        family === FAMILIES.replicas ? replicated.push(labels) : undefined,
      histogram: () => () => undefined
    },
    log
  } as unknown as PushServiceInit
  const service = await PushService.load(init)
  for (const id of pushed)
    await service.remotes.put(id, {
      number: await service.remotes.number(),
      name: null,
      endpoint: [],
      publicKey: null,
      push: true,
      token: null
    })
  const connect = (remote: string): void => {
    connected.push({ peer: `peer of ${remote}`, ledger: remote })
    service.pusher.met(`peer of ${remote}`)
  }
  /** The remote confirms so many own entries. */
  const confirm = (remote: string, size: number): void => {
    service.pusher.dispatch({
      type: 'word',
      remote,
      ledger: mine.id,
      word: { kind: 'progress', size, isOurs: true }
    })
  }
  return { service, clock, told, replicated, stopping, connect, confirm }
}

for (let n = 0; n < 4; n++) await mine.add()

test('a ledger is not pushed to itself, nor one that is not held', async () => {
  const { service, told } = await setup()
  await expect(service.push(mine.id, [mine.id], { waitMs: 0 })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(service.push(A, [mine.id, B], { waitMs: 0 })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect([service.pusher.flows(), told]).toEqual([[], []])
})

test('a push by hand opens the turn, and says how far it came when the time is over', async () => {
  const { service, clock, told } = await setup()
  const report = service.push(A, [mine.id, other.id], { waitMs: 1_000 })
  await new Promise(setImmediate)
  clock.pass(1_000)
  expect(await report).toMatchObject({
    remote: A,
    flows: [
      { ledger: mine.id, code: 'NO_CONNECTION', durable: 0, size: 5 },
      { ledger: other.id, code: 'NO_CONNECTION', size: 1 }
    ]
  })
  expect(told).toEqual([`ask ${A}`])
})

test('it is over as soon as everything is confirmed, or stands still; who may not read it is told so', async () => {
  const { service, confirm } = await setup()
  const report = service.push(A, [mine.id], { waitMs: 60_000 })
  await new Promise(setImmediate)
  confirm(A, 5)
  expect(await report).toMatchObject({ flows: [{ code: null, status: 'synced', durable: 5 }] })
  const barred = await setup({ reader: false })
  barred.connect(A)
  await expect(barred.service.push(A, [mine.id], { waitMs: 60_000 })).rejects.toMatchObject({ code: 'NOT_A_READER' })
})

test('up to an entry: what comes after it is not waited for', async () => {
  const { service, confirm } = await setup()
  const report = service.push(A, [mine.id], { waitMs: 60_000, through: 2 })
  await new Promise(setImmediate)
  confirm(A, 3)
  expect(await report).toMatchObject({ flows: [{ durable: 3, size: 5 }] })
})

test('copies are counted that remotes have confirmed, and only of remotes that are kept', async () => {
  const { service, confirm, replicated } = await setup({ pushed: [A] })
  for (const remote of [A, B]) service.pusher.keep(mine.id, remote)
  confirm(A, 3)
  confirm(B, 5)
  expect(await service.replicas(2, 0, 0)).toEqual({ confirmed: [A], waiting: [] })
  const lacking = await service.replicas(3, 1, 0)
  expect(lacking).toMatchObject({ confirmed: [], waiting: [{ ledger: A }] })
  expect(lacking.waiting[0]!.explanation.length).toBeGreaterThan(10)
  expect(replicated).toEqual([{ n: '1' }, { n: '0' }])
})

test('so many copies are waited for as are wanted, no longer than the time, and not beyond the end of the node', async () => {
  const { service, confirm, clock, stopping } = await setup()
  for (const remote of [A, B]) service.pusher.keep(mine.id, remote)
  const ends: unknown[] = []
  const wait = (wanted: number): void => {
    void service.replicas(4, wanted, 1_000).then(({ confirmed }) => ends.push(confirmed))
  }
  const turn = async (): Promise<void> => {
    await new Promise(setImmediate)
  }
  wait(1)
  wait(2)
  confirm(A, 5)
  await turn()
  expect(ends).toEqual([[A]])
  clock.pass(1_000)
  await turn()
  expect(ends).toEqual([[A], [A]])
  wait(2)
  stopping.abort()
  confirm(A, 5)
  await turn()
  expect(ends).toHaveLength(3)
})

test('what deviates is tried again where it is on its way: pushed it is offered, pulled it is asked for', async () => {
  const { service, told } = await setup()
  service.again({ ledgerNumber: 1, direction: 'outbound', remote: 1 })
  expect(service.pusher.flows()).toMatchObject([{ ledger: mine.id, remote: A }])
  service.again({ ledgerNumber: 2, direction: 'inbound', remote: 0 })
  expect(told).toEqual([`nudge ${other.id}`, `pull ${other.id}`])
  service.again({ ledgerNumber: 9, direction: 'inbound', remote: 0 })
  service.again({ ledgerNumber: 1, direction: 'outbound', remote: 99 })
  expect([told.length, service.pusher.flows().length]).toEqual([2, 1])
})

test('every ledger on its way is there once, from here and to here', async () => {
  const { service } = await setup()
  service.pusher.keep(mine.id, A)
  expect(service.stateFlows()).toMatchObject([
    { place: { ledgerNumber: 1, direction: 'outbound', remote: 1 } },
    { place: { ledgerNumber: 2, direction: 'inbound', remote: 0 } }
  ])
})
