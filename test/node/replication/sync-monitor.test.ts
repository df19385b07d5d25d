import { expect, test } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.js'
import type { NetworkChange } from '../../../src/node/api/events.js'
import type { NetworkEvents } from '../../../src/node/events/network-events.js'
import { SyncMonitor } from '../../../src/node/replication/sync-monitor.js'
import type { SyncStatus } from '../../../src/sync/types.js'
import { TestClock } from '../../ledger/support.js'

function watched() {
  const clock = new TestClock()
  const ledgers = new Map<string, SyncStatus>()
  const heard: NetworkChange[] = []
  const events = {
    publish: (change: NetworkChange) => {
      heard.push(change)
    }
  } as unknown as NetworkEvents
  const watch = new SyncMonitor({
    clock,
    events,
    ledgers: () => [...ledgers].map(([id, { size }]) => ({ id, size }) as unknown as Ledger),
    status: ({ id }) => ledgers.get(id)!
  })
  const look = (): NetworkChange[] => {
    watch.wake()
    clock.pass(100)
    return heard.splice(0)
  }
  return { clock, ledgers, heard, watch, look }
}

const stalled = (code: 'NO_PEERS' | 'DENIED'): SyncStatus => ({
  status: 'stalled',
  size: 1,
  code,
  since: 0,
  next: null
})

test('one event for each ledger whose status is another one', () => {
  const { ledgers, look } = watched()
  ledgers.set('a', { status: 'synced', size: 3 })
  ledgers.set('b', stalled('NO_PEERS'))
  expect(look()).toEqual([
    { kind: 'sync', ledger: 'a', status: 'synced', code: null, size: 3 },
    { kind: 'sync', ledger: 'b', status: 'stalled', code: 'NO_PEERS', size: 1 }
  ])
  expect(look()).toEqual([])
  ledgers.set('b', stalled('DENIED'))
  expect(look()).toEqual([{ kind: 'sync', ledger: 'b', status: 'stalled', code: 'DENIED', size: 1 }])
})

test('what changes back between two looks is no event', () => {
  const { clock, ledgers, heard, watch, look } = watched()
  ledgers.set('a', { status: 'synced', size: 3 })
  look()
  ledgers.set('a', stalled('NO_PEERS'))
  watch.wake()
  ledgers.set('a', { status: 'synced', size: 4 })
  watch.wake()
  clock.pass(100)
  expect(heard).toEqual([])
})

test('a ledger that was forgotten and comes again is told again', () => {
  const { ledgers, look } = watched()
  ledgers.set('a', { status: 'synced', size: 3 })
  expect(look()).toHaveLength(1)
  ledgers.delete('a')
  expect(look()).toEqual([])
  ledgers.set('a', { status: 'synced', size: 3 })
  expect(look()).toHaveLength(1)
})

test('after the stop nothing is told', () => {
  const { ledgers, watch, look } = watched()
  ledgers.set('a', { status: 'synced', size: 3 })
  watch.stop()
  expect(look()).toEqual([])
})
