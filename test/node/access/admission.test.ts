/**
 * Who is let in and put out of a closed network, and when that is looked at: at each change, at what ends by itself,
 * and never for nothing.
 */
import { expect, test, vi } from 'vitest'
import { peerIdOf } from '../../../src/core/peer-key.js'
import { Admission, type AdmissionInit } from '../../../src/node/access/admission.js'
import type { Host } from '../../../src/network/host.js'
import { openNode, testKey, type Node, type TestClock } from '../../ledger/support.js'

const GRACE_MS = 30_000
const DAY_MS = 24 * 60 * 60_000
const peer = (name: string): string => peerIdOf(testKey(name).publicKey)
const SELF = peer('self')

interface World {
  node: Node
  clock: TestClock
  admission: Admission
  done: string[]
  connect: (name: string) => void
  connected: Map<string, number>
  timers: () => number[]
}

/** The own ledger is the issuer of memberships. `allow`: names of peers. */
async function setup({
  allow,
  deny,
  members = true
}: { allow?: string[]; deny?: string[]; members?: boolean } = {}): Promise<World> {
  const node = await openNode()
  const { ledgers, clock, log } = node
  const done: string[] = []
  const connected = new Map<string, number>()
  const set: number[] = []
  const counting = {
    now: () => clock.now(),
    after: (ms: number, call: () => void) => {
      set.push(ms)
      return clock.after(ms, call)
    }
  }
  const admission = new Admission({
    ledgers,
    clock: counting,
    log,
    bootstrap: [`/ip4/127.0.0.1/tcp/1/p2p/${peer('bootstrap')}`],
    directory: { provenLedger: () => null, get: () => null } as unknown as AdmissionInit['directory'],
    refusals: {
      note: ({ reason }: { reason: string }) => {
        done.push(reason)
      }
    } as unknown as AdmissionInit['refusals'],
    ...(members && { members: { issuers: [ledgers.own.id] } }),
    ...(allow !== undefined && { allow: allow.map(peer) }),
    ...(deny !== undefined && { deny: deny.map(peer) })
  })
  const host = {
    peerId: SELF,
    peers: () => [...connected].map(([id, since]) => ({ peer: id, addrs: [], direction: 'inbound', since })),
    drop: (id: string) => {
      connected.delete(id)
    }
  } as unknown as Host
  const connect = (name: string): void => {
    connected.set(peer(name), clock.now())
    admission.look()
  }
  await admission.watch(host, async (id) => {
    await Promise.resolve(done.push(`bye ${id === peer('guest')}`))
  })
  return { node, clock, admission, done, connect, connected, timers: () => set.splice(0) }
}

test('an issuer is a member itself; who is admitted by an entry stays, who is expelled by one is out at once', async () => {
  const { admission, connect, connected, done } = await setup()
  expect(admission.stateOf(SELF)).toBe('admitted')
  await admission.members.admit(peer('guest'), Date.now() + DAY_MS)
  connect('guest')
  await vi.waitFor(() => {
    expect(admission.stateOf(peer('guest'))).toBe('admitted')
  })
  await admission.members.expel(peer('guest'))
  await vi.waitFor(() => {
    expect(connected.has(peer('guest'))).toBe(false)
  })
  expect(done).toEqual(['NO_LONGER_ADMITTED', 'bye true'])
})

test('a membership ends when it says so, with nobody asking before', async () => {
  const { node, clock, admission, connect, connected, timers } = await setup()
  await admission.members.admit(peer('guest'), clock.now() + 60_000)
  connect('guest')
  await vi.waitFor(() => {
    expect(timers()).toContain(GRACE_MS)
  })
  clock.pass(GRACE_MS)
  await vi.waitFor(() => {
    expect(timers()).toEqual([60_000 - GRACE_MS])
  })
  expect(connected.has(peer('guest'))).toBe(true)
  clock.pass(60_000 - GRACE_MS)
  await vi.waitFor(() => {
    expect(connected.has(peer('guest'))).toBe(false)
  })
  expect(node.log.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a candidate has half a minute; whom the operator allows meanwhile stays', async () => {
  const { clock, admission, connect, connected, done } = await setup()
  for (const name of ['bootstrap', 'late']) admission.dialled(`/ip4/127.0.0.1/tcp/1/p2p/${peer(name)}`)
  connect('bootstrap')
  connect('late')
  expect(['bootstrap', 'late'].map((name) => admission.stateOf(peer(name)))).toEqual(['candidate', 'candidate'])
  clock.pass(GRACE_MS - 1)
  admission.allow([peer('late')])
  clock.pass(1)
  await vi.waitFor(() => {
    expect(connected.has(peer('bootstrap'))).toBe(false)
  })
  expect(connected.has(peer('late'))).toBe(true)
  expect(done[0]).toBe('NOT_ADMITTED')
})

test('who is denied is out whatever else says that he may be in; and an open network has nothing to look at', async () => {
  const denied = await setup({ deny: ['guest'] })
  await denied.admission.members.admit(peer('guest'), Date.now() + DAY_MS)
  denied.connect('guest')
  await vi.waitFor(() => {
    expect(denied.connected.has(peer('guest'))).toBe(false)
  })
  const open = await setup({ members: false })
  open.connect('guest')
  await open.node.ledgers.own.append({ stream: 's', type: 't' })
  open.clock.pass(DAY_MS)
  expect(open.timers()).toEqual([])
  expect(open.connected.has(peer('guest'))).toBe(true)
})

test('stopped, it looks no more', async () => {
  const { admission, connect, connected, clock, done } = await setup({ allow: [] })
  admission.stop()
  connect('guest')
  clock.pass(DAY_MS)
  expect(connected.has(peer('guest'))).toBe(true)
  expect(done).toEqual([])
})
