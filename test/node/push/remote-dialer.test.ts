import { expect, test } from 'vitest'
import { RemoteDialer, type RemoteDialerInit } from '../../../src/node/push/remote-dialer.js'
import { TestClock, TestLog, testRandom } from '../../ledger/support.js'

const [FIRST, SECOND] = ['/ip4/203.0.113.7/tcp/1/p2p/a', '/ip4/203.0.113.8/tcp/1/p2p/b'] as const
const MINUTE_MS = 60_000

function setup(endpoint: readonly string[] = [FIRST]) {
  const clock = new TestClock()
  const log = new TestLog()
  const dialled: string[] = []
  const state = { dead: new Set<string>(), connected: [] as string[], open: true, endpoint }
  const dialer = new RemoteDialer({
    peerNetwork: {
      stopping: new AbortController().signal,
      directory: { addSource: () => undefined },
      connections: {
        peers: () => state.connected.map((ledger) => ({ peer: 'p', ledger })),
        connect: async (address: string) => {
          dialled.push(address)
          if (state.dead.has(address)) throw new Error('nobody is there')
          return 'p'
        }
      }
    },
    remotes: { list: () => [['r', {}]], get: () => ({ endpoint: state.endpoint }) },
    isOpen: () => state.open,
    clock,
    random: testRandom(),
    log
  } as unknown as RemoteDialerInit)
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms)
    await new Promise(setImmediate)
  }
  return { dialer, clock, log, dialled, state, pass }
}

test('one address that is dead keeps no other from being dialled', async () => {
  const { dialer, dialled, state, pass, log } = setup([FIRST, SECOND])
  state.dead.add(FIRST)
  dialer.look()
  await pass(0)
  expect([dialled, log.lines.map(({ fields }) => fields.event)]).toEqual([[FIRST, SECOND], ['push.unreachable']])
})

test('who is not there is dialled less and less often, once a minute at the least', async () => {
  const { dialer, dialled, state, pass, clock } = setup()
  state.dead.add(FIRST)
  dialer.look()
  const pauses: number[] = []
  for (let n = 0; n < 12; n++) {
    await pass(0)
    dialer.look()
    const pause = dialer.nextAt('r')! - clock.now()
    pauses.push(pause)
    expect(dialled).toHaveLength(n + 1)
    await pass(pause)
  }
  expect(pauses[0]).toBeLessThanOrEqual(2_000)
  expect(Math.max(...pauses)).toBeLessThanOrEqual(2 * MINUTE_MS)
  expect(pauses.at(-1)).toBeGreaterThan(pauses[0]!)
})

test('nobody is dialled who is connected, has no address, or outside of its times; nor after the end', async () => {
  const { dialer, dialled, state, pass } = setup()
  const dials = async (change: Partial<typeof state>): Promise<number> => {
    Object.assign(state, { connected: [], open: true, endpoint: [FIRST] }, change)
    dialer.look()
    await pass(0)
    return dialled.length
  }
  expect(await dials({ connected: ['r'] })).toBe(0)
  expect(await dials({ open: false })).toBe(0)
  expect(await dials({ endpoint: [] })).toBe(0)
  expect(await dials({})).toBe(1)
  expect(await dials({ connected: ['r'] })).toBe(1)
  expect(dialer.nextAt('r')).toBe(null)
  expect(await dials({}), 'it went: at once').toBe(2)
  dialer.stop()
  await pass(10 * MINUTE_MS)
  expect(await dials({ connected: [] })).toBe(2)
})
