import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { RemoteChange } from '../../../src/node/api/push.js'
import { RemoteApi, type RemoteApiInit } from '../../../src/node/push/remote-api.js'
import type { RemoteRow } from '../../../src/node/push/remotes.js'
import { DEFAULT_PLAN, type Plan } from '../../../src/node/schedule/plan.js'
import { Author } from '../../ledger/support.js'

const author = await Author.create('remote')
await author.rotate()
const A = author.id
const [OWN, B] = ['o', 'b'].map((letter) => `b${letter.repeat(51)}a`) as [string, string]
const HASH = 'ab'.repeat(32)
const ADDRESS = '/ip4/203.0.113.7/tcp/1/p2p/12D3KooWBq'

function setup({ held = true }: { held?: boolean } = {}) {
  const rows = new Map<string, RemoteRow>()
  const follows = new Map<string, { filters?: 'headers' | object | null; adopt?: object; origin?: object }>()
  const plans = new Map<string, Plan>()
  const told: string[] = []
  const state = { follow: null as Error | null, remain: false, numbers: 0 }
  const ledger = {
    id: A,
    ledgerNumber: 4,
    chain: { name: 'its own name' },
    keyEntries: async () => author.entries.filter(({ header }) => header.stream === 'ledger').map(({ raw }) => raw)
  }
  const planOf = (id: string): Plan => plans.get(id) ?? DEFAULT_PLAN
  const api = new RemoteApi({
    service: {
      remotes: {
        get: (id: string) => rows.get(id) ?? null,
        list: () => [...rows],
        number: async () => ++state.numbers,
        put: async (id: string, row: RemoteRow) => rows.set(id, { ...row }),
        delete: async (id: string) => rows.delete(id)
      },
      exceptions: {
        forget: async (number: number) => told.push(`forget ${number}`),
        counts: async ({ direction, remote }: { direction: string; remote: number }) => ({
          pending: 1,
          conflict: direction === 'inbound' ? 0 : remote,
          failed: 0
        })
      },
      pusher: {
        keep: (_own: string, id: string) => told.push(`keep ${id}`),
        forget: (id: string) => told.push(`offer no more ${id}`),
        peersOf: () => [],
        flows: ({ remote }: { remote: string }) => (rows.get(remote)?.push === true ? [{ ledger: OWN, remote }] : [])
      },
      timekeeper: { forgotten: async (id: string) => plans.delete(id) },
      dialer: { look: () => told.push('dial') },
      view: (flow: object) => flow
    },
    ledgers: {
      own: { id: OWN },
      get: (id: string) =>
        id === OWN ? { id, ledgerNumber: 1 } : id === A && held ? ledger : follows.has(id) ? { id } : undefined
    },
    follows: {
      has: (id: string) => follows.has(id),
      get: (id: string) => follows.get(id) ?? null,
      list: () => [...follows.keys()]
    },
    replication: {
      runtime: { planned: () => undefined },
      control: {
        follow: async (id: string, wanted: object | null) => {
          if (state.follow !== null) throw state.follow
          told.push(`follow ${id} ${JSON.stringify(wanted)}`)
          follows.set(id, { ...follows.get(id), filters: wanted })
        },
        unfollow: async ({ id }: { id: string }) => {
          told.push(`unfollow ${id}`)
          follows.delete(id)
        }
      }
    },
    adoption: {
      check: (_id: string, given: object) => given,
      adopt: async ({ id }: { id: string }, adopt: object) => follows.set(id, { ...follows.get(id), adopt }),
      end: async ({ id }: { id: string }) => {
        const { adopt: _ended, ...rest } = follows.get(id)!
        follows.set(id, rest)
      },
      release: async () => {
        if (state.remain) throw new LedgermeshError('COPIES_REMAIN', 'three')
      }
    },
    timetable: {
      planOf,
      gateOf: () => ({ open: true, next: null }),
      set: async (id: string, plan: Plan) => plans.set(id, plan)
    },
    wanted: ({ headers, filters }: RemoteChange) => (headers === true ? 'headers' : filters)
  } as unknown as RemoteApiInit)
  return { api, rows, follows, plans, told, state }
}

test.each<[string, string, object]>([
  ['what is no ledger', 'remote', {}],
  ['the own ledger', OWN, {}],
  ['a name that is misspelt', A, { endpoints: [] }],
  ['a name without a letter', A, { name: '' }],
  ['a name of two lines', A, { name: 'a\nb' }],
  ['an endpoint that is text', A, { endpoint: ADDRESS }],
  ['an endpoint of no peer', A, { endpoint: ['/ip4/203.0.113.7/tcp/1'] }],
  ['nine endpoints', A, { endpoint: Array.from({ length: 9 }, () => ADDRESS) }],
  ['an endpoint without end', A, { endpoint: [`${ADDRESS}${'x'.repeat(512)}`] }],
  ['half a token', A, { authToken: 'ab' }],
  ['a key that is none', A, { publicKey: 'mine' }],
  ['a key that the ledger never had', A, { publicKey: HASH }],
  ['a priority that there is not', A, { priority: 10 }],
  ['a schedule that is none', A, { schedule: 'sometimes' }],
  ['adoption of what is not pulled', A, { syncDirection: 'push', adopt: {} }]
])('a remote with %s is refused, and nothing has changed', async (_what, id, change) => {
  const { api, rows, follows, plans, told } = setup()
  await expect(api.add(id, change as RemoteChange)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect([rows.size, follows.size, plans.size, told]).toEqual([0, 0, 0, []])
})

test('what is only pulled is followed; what is only pushed to is not; both are both', async () => {
  const { api, told, rows } = setup()
  expect(await api.add(A, { endpoint: [ADDRESS] })).toMatchObject({
    syncDirection: 'pull',
    mode: 'mirror',
    name: 'its own name',
    hasToken: false,
    exceptions: { inbound: { pending: 1 }, outbound: { pending: 0 } }
  })
  expect(told).toEqual([`follow ${A} null`, `offer no more ${A}`, 'dial'])
  expect(await api.add(B, { syncDirection: 'push', authToken: HASH, name: 'backup' })).toMatchObject({
    syncDirection: 'push',
    mode: null,
    name: 'backup',
    hasToken: true,
    exceptions: { inbound: { pending: 0 }, outbound: { pending: 1, conflict: 2 } }
  })
  expect(told.slice(3)).toEqual([`keep ${B}`, 'dial'])
  expect(await api.update(A, { syncDirection: 'bidirectional' })).toMatchObject({ syncDirection: 'bidirectional' })
  expect([rows.get(A)!.number, rows.get(B)!.number, rows.get(A)!.endpoint]).toEqual([1, 2, [ADDRESS]])
  expect((await api.list()).map(({ ledger }) => ledger)).toEqual([A, B].toSorted())
})

test('what is not said again stays; null takes it away', async () => {
  const { api, rows } = setup()
  await api.add(A, { endpoint: [ADDRESS], name: 'n', authToken: HASH, publicKey: author.key.publicKey })
  await api.update(A, { priority: 9 })
  expect(rows.get(A)).toMatchObject({ endpoint: [ADDRESS], name: 'n', token: HASH, publicKey: author.key.publicKey })
  expect(await api.update(A, { name: null, authToken: null, publicKey: null })).toMatchObject({
    name: 'its own name',
    hasToken: false,
    publicKey: null,
    priority: 9
  })
})

test('a key of the past is one of the ledger’s, too; of a ledger that is not held none can be compared', async () => {
  const { api } = setup()
  const past = author.entries[0]!.header.key
  expect(await api.add(A, { publicKey: past })).toMatchObject({ publicKey: past })
  expect(await setup({ held: false }).api.add(A, { publicKey: HASH, syncDirection: 'push' })).toMatchObject({
    publicKey: HASH
  })
})

test('what is followed already is not followed anew, unless other payloads are wanted', async () => {
  const { api, told, follows } = setup()
  follows.set(A, { filters: null, origin: {} })
  await api.add(A, { name: 'n' })
  expect(told).toEqual([`offer no more ${A}`, 'dial'])
  expect(await api.update(A, { headers: true })).toMatchObject({ mode: 'headers', filters: null })
  expect(told).toContain(`follow ${A} "headers"`)
})

test('a follow that is refused leaves the remote as it was, its turns too', async () => {
  const { api, state, rows, plans } = setup()
  state.follow = new LedgermeshError('QUOTA', 'full')
  await expect(api.add(A, { priority: 9 })).rejects.toMatchObject({ code: 'QUOTA' })
  expect([rows.size, plans.get(A)?.priority]).toEqual([0, DEFAULT_PLAN.priority])
})

test('adoption begins and ends with the remote, and what would leave copies behind is not done without a word', async () => {
  const { api, state, told, rows } = setup()
  expect(await api.add(A, { adopt: {} })).toMatchObject({ mode: 'adopt', adopt: {} })
  expect(await api.update(A, { adopt: null })).toMatchObject({ mode: 'mirror', adopt: null })
  state.remain = true
  told.length = 0
  await expect(api.update(A, { syncDirection: 'push' })).rejects.toMatchObject({ code: 'COPIES_REMAIN' })
  await expect(api.remove(A)).rejects.toMatchObject({ code: 'COPIES_REMAIN' })
  expect([told, rows.get(A)!.push]).toEqual([[], false])
})

test('a remote that is removed is offered nothing, followed no more, and its number’s notes are gone', async () => {
  const { api, told, follows, rows } = setup()
  await api.add(A, { syncDirection: 'bidirectional' })
  told.length = 0
  await api.remove(A)
  expect(told).toEqual(['forget 1', `offer no more ${A}`, 'dial', `unfollow ${A}`])
  expect([follows.size, rows.size, await api.list()]).toEqual([0, 0, []])
  await expect(api.remove(A)).rejects.toMatchObject({ code: 'NO_SUCH_REMOTE' })
  await expect(api.update(A, { name: 'n' })).rejects.toMatchObject({ code: 'NO_SUCH_REMOTE' })
})
