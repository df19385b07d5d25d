/** Connecting: what is noted of those who answer, and of those who do not. */
import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import { Connections, type ConnectionsInit } from '../../../src/node/sessions/connections.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const PEER = '12D3KooWPeer'
const ADDRESS = `/ip4/127.0.0.1/tcp/7440/p2p/${PEER}`
const never = new AbortController().signal

/** `greeted`: what waiting for the hello does. */
function setup(greeted: () => Promise<void>): { connections: Connections; done: string[]; log: TestLog } {
  const done: string[] = []
  const log = new TestLog()
  const connections = new Connections({
    host: () =>
      ({
        peers: () => ['met', 'silent'].map((peer) => ({ peer, addrs: [], direction: 'inbound' as const, since: 1 })),
        dial: async () => await Promise.resolve(PEER),
        dialHearsay: async () => await Promise.resolve(PEER),
        isConnected: () => true,
        mayDial: () => true
      }) as unknown as ReturnType<ConnectionsInit['host']>,
    sessions: { current: new Map([['met', {}]]), greeted } as unknown as ConnectionsInit['sessions'],
    directory: {
      get: () => null,
      unreachable: (peer: string) => {
        done.push(`unreachable ${peer}`)
      }
    } as unknown as ConnectionsInit['directory'],
    admission: {
      dialled: (address) => {
        done.push(`dialled ${address}`)
      }
    },
    disclosure: () =>
      ({
        want: (peer: string) => {
          done.push(`known to ${peer}`)
        },
        review: () => {
          done.push('review')
        }
      }) as ReturnType<ConnectionsInit['disclosure']>,
    ledgers: { get: () => undefined },
    clock: new TestClock(),
    log
  })
  return { connections, done, log }
}

test('only who has introduced itself is a peer', () => {
  const { connections } = setup(async () => {})
  expect(connections.peers()).toEqual([
    { peer: 'met', addrs: [], direction: 'inbound', since: 1, ledger: null, name: null, access: null, software: null }
  ])
  expect([connections.isConnected('met'), connections.isConnected('silent')]).toEqual([true, false])
})

test('whom the operator dials may know whose node this is, and may become admitted', async () => {
  const { connections, done } = setup(async () => {})
  expect(await connections.connect(ADDRESS, never)).toBe(PEER)
  expect(done).toEqual([`dialled ${ADDRESS}`, `known to ${PEER}`, 'review'])
})

test('a record whose node does not answer is noted as unreachable, and the error is told', async () => {
  const { connections, done } = setup(async () => await Promise.reject(new LedgermeshError('UNREACHABLE', 'gone')))
  await expect(connections.connectTo({ peer_id: PEER, addrs: [ADDRESS] }, never)).rejects.toMatchObject({
    code: 'UNREACHABLE'
  })
  expect(done).toEqual([`unreachable ${PEER}`])
})

test('greeting many: one that fails keeps nobody from the others', async () => {
  const { connections, log } = setup(async () => await Promise.reject(new LedgermeshError('REFUSED', 'no')))
  await connections.greetAll(
    [Promise.reject(new Error('not reached')), Promise.resolve(PEER), Promise.resolve([PEER])],
    never
  )
  expect(log.lines).toMatchObject([{ fields: { error: 'not reached' } }])
})
