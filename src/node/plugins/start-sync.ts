/** Starts replication, push, adoption and conflict handling, and wires them to one node. */
import { FAMILIES } from '../metrics/families.js'
import type { EntryKey } from '../../ledger/read/entry-key.js'
import type { LedgerEntry } from '../../core/view.js'
import { startAdopting, type Adopting } from '../adopt/adopt-methods.js'
import { adoptedScope, followAdoptions, ofScope } from '../conflicts/adopted-scope.js'
import { applyRules } from '../conflicts/configured-rules.js'
import { Merger } from '../conflicts/merger.js'
import { Recorder } from '../conflicts/recorder.js'
import { startPushing, type Pushing } from '../push/push-methods.js'
import { AutoPull } from '../replication/auto-pull.js'
import { Erasures } from '../replication/erasure-receipts.js'
import { FreeDisk } from '../replication/free-disk.js'
import { Replication } from '../replication/replication.js'
import { forwardClock } from '../runtime/monotonic-clock.js'
import { ServeCaps } from '../schedule/serve-caps.js'
import { Timetable } from '../schedule/timetable.js'
import type { NodeParts } from './built-in.js'
import { readFilters, wantedOf } from './follow-options.js'
import { meterSearches, meterSync } from './sync-meter.js'
import type { SyncSettings } from './sync-options.js'

/** All parts but those of the interoperability plugin, because replication uses the whole node. */
export type SyncInit = NodeParts

/** The services behind the sync plugin's methods. */
export interface SyncParts {
  init: Pick<SyncInit, 'ledger' | 'ledgers' | 'overview' | 'clock'>
  replication: Replication
  adopting: Adopting
  pushing: Pushing
  merger: Merger
  recorder: Recorder
  erasures: Erasures
  /** Searches an entry that the own ledger does not have; null: not found, or `autoPull` is off. */
  search: (key: EntryKey) => Promise<LedgerEntry | null>
  stop: () => Promise<void>
}

export async function startSync(init: SyncInit, settings: SyncSettings): Promise<SyncParts> {
  const { ledgers, store, follows, events, metrics, log, folder, random, trust } = init
  const clock = forwardClock(init.clock)
  const timetable = await Timetable.load({ store, clock: init.clock, log })
  let onLook = (): void => {}
  const disk = new FreeDisk({
    folder,
    log,
    clock,
    onLook: () => {
      onLook()
    }
  })
  await disk.start()
  const replication = new Replication(
    { ...init, clock, timetable },
    {
      minTrustMilli: settings.minTrustMilli,
      pushLimits: settings.pushLimits,
      fetchLimits: settings.fetchLimits,
      disk
    }
  )
  onLook = () => {
    replication.onRoom()
  }
  replication.start()
  const peerNetwork = init.host()
  const shared = { store, ledgers, peerNetwork, follows, replication, events, clock, log }
  const adopting = await startAdopting({ ...shared, surface: settings.surface, readFilters })
  const { control: adoption, adopter } = adopting
  const pushing = await startPushing({
    ...shared,
    trust,
    random,
    metrics,
    timetable,
    accept: settings.accept,
    autoSync: settings.autoSync,
    pullAgain: (id) => {
      pushing.service.adopted.again(id)
      adopter.again(id)
    },
    adoption,
    readFilters,
    wanted: wantedOf
  })
  const puller =
    settings.searchBudgetMs === null ? null : startAutoPull({ ...init, clock }, replication, settings.searchBudgetMs)
  meterAndTellOutcomes(init, adopting, pushing)
  const caps = capsOf({ ...init, clock }, settings, timetable)
  peerNetwork.use({ caps })
  meterSync({
    metrics,
    ledgers,
    store,
    adoptions: () => adoption.list(),
    clock,
    peerNetwork,
    replication,
    service: pushing.service,
    timetable,
    caps
  })
  const erasures = new Erasures({ own: () => ledgers.own, peerNetwork, clock: init.clock, log })
  erasures.start()
  const conflicts = await startConflicts(init, settings, adopting)
  return {
    init,
    replication,
    adopting,
    pushing,
    erasures,
    ...conflicts,
    search: async (key) => (await puller?.find(key, null)) ?? null,
    stop: async () => {
      disk.stop()
      puller?.stop()
      await pushing.stop()
      conflicts.endScope()
      await adopting.stop()
      await conflicts.merger.stop()
      await conflicts.recorder.stop()
      await replication.stop()
    }
  }
}

/** `get` searches missing entries elsewhere: in followed ledgers that are behind, then at remote nodes. */
function startAutoPull(
  { ledger, ledgers, follows, overview, metrics, log, clock }: SyncInit,
  { control, runtime }: Replication,
  budgetMs: number
): AutoPull {
  const puller = new AutoPull({
    ledgers,
    follows,
    isBehind: (one) => runtime.targetOf(one) > one.size,
    pull: async (one) => {
      await control.pull(one)
    },
    budgetMs,
    clock,
    log
  })
  puller.useRemote(async (key, named, signal) => {
    const wanted = 'hash' in key ? { hashes: [key.hash], ids: [] } : { hashes: [], ids: 'id' in key ? [key.id] : [] }
    const found = named === null ? [] : await overview.entries?.(named, wanted, signal)
    return found?.[0] ?? null
  })
  const timed = meterSearches(metrics, clock)
  ledger.lookElsewhere(async (key, id) => await timed(async () => await puller.find(key, id)))
  return puller
}

/** The outcome of adopting an entry is counted, and reported to the node that pushed it. */
function meterAndTellOutcomes({ metrics }: SyncInit, { adopter }: Adopting, { service }: Pushing): void {
  adopter.heed(async (source) => await service.adopted.hasRoom(source))
  adopter.onOutcome((outcome) => {
    service.adopted.heard(outcome)
  })
  const adopted = metrics.counter(FAMILIES.adopted)
  adopter.onOutcome((one) => {
    adopted({ outcome: one.outcome, reason: 'code' in one ? one.code : '' })
  })
  const erasures = metrics.counter(FAMILIES.adoptErasures)
  const erasing = metrics.histogram(FAMILIES.adoptErasing)
  adopter.onErased((copies, ms) => {
    erasures({}, copies)
    erasing(ms / 1000)
  })
}

/** Bandwidth caps for serving, in all and for each remote. */
function capsOf({ host, clock }: SyncInit, { fetchLimits }: SyncSettings, timetable: Timetable): ServeCaps {
  const { connections } = host()
  return new ServeCaps({
    clock,
    nodeKiBps: fetchLimits.outKiBps,
    remoteKiBps: (remote) => timetable.planOf(remote).outKiBps,
    remoteOf: (peer) => connections.peers().find((one) => one.peer === peer)?.ledger ?? null
  })
}

/** Conflict rules: applied, recorded, merged, and reported to subscribers. */
async function startConflicts(
  { ledgers, follows, events, metrics, clock, log }: SyncInit,
  { rules }: SyncSettings,
  { control: adoption }: Adopting
): Promise<Pick<SyncParts, 'merger' | 'recorder'> & { endScope: () => void }> {
  ledgers.conflicts.onChange(({ id, rule, row }) => {
    events.publish({ kind: 'conflict', conflict: id, rule, state: row.state, siblings: row.siblings })
  })
  const scope = adoptedScope(ledgers, adoption)
  await applyRules(
    ledgers.rules,
    rules.map((rule) => ofScope(rule, scope))
  )
  const endScope = followAdoptions({ ledgers, follows, adoption, log })
  ledgers.conflicts.wake()
  const recorder = new Recorder({ ledgers, clock, log })
  recorder.wake()
  const merges = metrics.counter(FAMILIES.merges)
  const merger = new Merger({
    ledgers,
    clock,
    log,
    onRun: (outcome) => {
      merges({ outcome })
    }
  })
  merger.wake()
  return { merger, recorder, endScope }
}
