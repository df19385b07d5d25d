/** What a node that follows 2,000 ledgers gives to those who read its figures. */
import { meterSync, type SyncMeterInit } from '../../src/node/plugins/sync-meter.js'
import type { Metrics } from '../../src/ports.js'

const CODES = ['NO_PEERS', 'QUEUED', 'PAUSED', 'DENIED']

export function meterManyFollows(metrics: Metrics, count = 2_000): void {
  const ledgers = Array.from({ length: count }, (_, n) => ({
    id: `b${String(n).padStart(52, 'a')}`,
    own: n === 0,
    size: n,
    chain: { access: n % 10 === 0 ? 'private' : 'public' }
  }))
  meterSync({
    metrics,
    ledgers: { list: () => ledgers, own: ledgers[0], conflicts: { onChange: () => () => {} } },
    adoptions: () => ledgers.map(({ id, size }) => ({ ledger: id, status: 'adopting', size, looked: 0 })),
    store: { failed: false, rows: () => ({ next: async () => [], close: async () => {} }) },
    replication: {
      runtime: {
        isFollowed: () => true,
        status: ({ size }: { size: number }) => ({ status: 'stalled', code: CODES[size % CODES.length] }),
        targetOf: ({ size }: { size: number }) => size + 3,
        confirmedAt: () => 0,
        throttledMs: 0
      }
    },
    service: {
      timekeeper: { list: () => ledgers.map((_, n) => ({ state: n % 2 === 0 ? 'done' : 'waiting', direction: 'in' })) },
      pusher: { flows: () => ledgers.map(({ id }) => ({ ledger: id, durable: 1 })), sizeOf: () => 5 },
      inbox: { list: () => [] },
      stateFlows: () => ledgers.map(({ id }) => ({ place: id })),
      exceptions: { counts: async () => ({ pending: 1, conflict: 0, failed: 0 }) }
    },
    timetable: { planOf: () => ({ priority: 5 }) },
    peerNetwork: { connections: { peers: () => Array.from({ length: 5_000 }) }, load: { delayMs: 3 } },
    caps: { sentBytes: 5, waitedMs: 6 },
    clock: { now: () => Math.floor(performance.now()), after: () => () => {} }
  } as unknown as SyncMeterInit)
}
