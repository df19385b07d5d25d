/** The metrics of replication, read from the running services at each collection. */
import type { LedgerId } from '../../core/ledger-id.js'
import { countConflicts } from '../../ledger/claims/count-conflicts.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, MetricLabels, Metrics } from '../../ports.js'
import type { Store } from '../../store/store.js'
import { isSecret } from '../access/read-access.js'
import type { AdoptionReport } from '../api/adopt.js'
import { FAMILIES } from '../metrics/families.js'
import { ledgerLabels } from '../metrics/ledger-labels.js'
import { highest } from '../metrics/highest.js'
import { countJobs, countLedgers } from '../metrics/count-ledgers.js'
import type { PushService } from '../push/push-service.js'
import type { Replication } from '../replication/replication.js'
import type { ServeCaps } from '../schedule/serve-caps.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { Timetable } from '../schedule/timetable.js'

export interface SyncMeterInit {
  metrics: Metrics
  ledgers: Ledgers
  store: Store
  replication: Replication
  service: PushService
  timetable: Timetable
  peerNetwork: PeerNetwork
  adoptions: () => Pick<AdoptionReport, 'ledger' | 'status' | 'size' | 'looked'>[]
  caps: ServeCaps
  clock: Clock
}

type Value = readonly [MetricLabels, number]

/** Labels are chosen once for all families of a look, which is over within so many ms. */
const LABELS_MS = 1_000

export function meterSync(init: SyncMeterInit): void {
  const { metrics, ledgers, store, replication, service, timetable, caps, clock, peerNetwork } = init
  const { runtime } = replication
  const shown = (): Ledger[] => ledgers.list().filter(({ id, own }) => own || runtime.isFollowed(id))
  const labels = forOneLook(clock, () => {
    const named = ledgerLabels(
      shown().map((ledger) => ({
        id: ledger.id,
        own: ledger.own,
        isPrivate: isSecret(ledger),
        priority: timetable.planOf(ledger.id).priority
      }))
    )
    return (id: LedgerId): string => named.get(id) ?? 'other'
  })
  const perLedger = (read: (ledger: Ledger) => number | null): Value[] => {
    const labelOf = labels()
    return shown().flatMap((ledger): Value[] => {
      const value = read(ledger)
      return value === null ? [] : [[{ ledger: labelOf(ledger.id) }, value]]
    })
  }
  metrics.collect('gauge', FAMILIES.ledgers, () =>
    countLedgers(shown().map((ledger) => ({ isPrivate: isSecret(ledger), ...runtime.status(ledger) })))
  )
  metrics.collect('gauge', FAMILIES.behind, () =>
    perLedger((ledger) => Math.max(0, runtime.targetOf(ledger) - ledger.size))
  )
  metrics.collect('gauge', FAMILIES.confirmedAge, () =>
    highest(
      perLedger((ledger) => {
        const at = runtime.confirmedAt(ledger.id)
        return at === null ? null : Math.max(0, (clock.now() - at) / 1000)
      })
    )
  )
  metrics.collect('gauge', FAMILIES.jobs, () =>
    countJobs(service.timekeeper.list({}), (id) => {
      const ledger = ledgers.get(id)
      return ledger === undefined || isSecret(ledger)
    })
  )
  metrics.collect('counter', FAMILIES.sent, () => [[{ protocol: 'pull' }, caps.sentBytes]])
  metrics.collect('counter', FAMILIES.throttled, () => [
    [{ direction: 'in' }, runtime.throttledMs / 1000],
    [{ direction: 'out' }, caps.waitedMs / 1000]
  ])
  metrics.collect('gauge', FAMILIES.unconfirmed, () => {
    const labelOf = labels()
    return highest(
      service.pusher
        .flows()
        .map(({ ledger, durable }): Value => [{ ledger: labelOf(ledger) }, service.pusher.sizeOf(ledger) - durable])
    )
  })
  metrics.collect('gauge', FAMILIES.adoptBehind, () => {
    const labelOf = labels()
    return init
      .adoptions()
      .filter(({ status }) => status !== 'stopped' && status !== 'unfollowed')
      .map(({ ledger, size, looked }): Value => [{ ledger: labelOf(ledger) }, size - looked])
  })
  const decided = metrics.counter(FAMILIES.decisions)
  ledgers.conflicts.onChange(({ rule, row: { state } }) => {
    if (state === 'decided' || state === 'resolved')
      decided({ strategy: ledgers.rules.byName(rule)?.rule.strategy ?? '', state })
  })
  metrics.collect('gauge', FAMILIES.inbox, () => [
    [{}, service.inbox.list().filter(({ state }) => state === 'pending').length]
  ])
  metrics.collect('gauge', FAMILIES.exceptions, async () => {
    const counts = await Promise.all(service.stateFlows().map((flow) => service.exceptions.counts(flow.place)))
    return counts.flatMap((one) => Object.entries(one).map(([status, count]): Value => [{ status }, count]))
  })
  metrics.collect('gauge', FAMILIES.conflicts, async () =>
    (await countConflicts(store)).map(({ state, kind, count }): Value => [{ state, kind }, count])
  )
  metrics.collect('gauge', FAMILIES.peers, () => [[{}, peerNetwork.connections.peers().length]])
  metrics.collect('gauge', FAMILIES.delay, () => [[{}, peerNetwork.load.delayMs / 1000]])
  metrics.collect('gauge', FAMILIES.entries, () => [[{}, ledgers.own.size]])
  metrics.collect('gauge', FAMILIES.storeFailed, () => [[{}, store.failed ? 1 : 0]])
}

/** Counts searches for entries elsewhere, and how long they take. */
export function meterSearches(
  metrics: Metrics,
  clock: Clock
): <T>(search: () => Promise<T | null>) => Promise<T | null> {
  const searches = metrics.counter(FAMILIES.autoPull)
  const took = metrics.histogram(FAMILIES.autoPullSeconds)
  return async (search) => {
    const since = clock.now()
    const found = await search()
    searches({ outcome: found === null ? 'not-found' : 'found' })
    took((clock.now() - since) / 1000)
    return found
  }
}

/** What `make` made within the last `LABELS_MS`. */
function forOneLook<T>(clock: Pick<Clock, 'now'>, make: () => T): () => T {
  let made: { value: T; at: number } | null = null
  return () => {
    const now = clock.now()
    if (made === null || now < made.at || now - made.at >= LABELS_MS) made = { value: make(), at: now }
    return made.value
  }
}
