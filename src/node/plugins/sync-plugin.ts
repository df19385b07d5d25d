/** The sync plugin: replicates remote ledgers, and hands the own one to whoever may read it. */
import { adviceFor } from '../../core/advice.js'
import { LedgermeshError, type Surface } from '../../core/errors.js'
import { verifySignature } from '../../core/signature.js'
import { isHash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { isInteger, isName } from '../../core/grammar.js'
import type { Wanted } from '../../core/payload-filter.js'
import { ACCEPT_RULES, type AcceptRule } from '../../sync/push/types.js'
import { readOptions, type Members } from '../../core/options.js'
import type { Ledger } from '../../ledger/ledger.js'
import { STALL_SENTENCES } from '../../sync/stall-codes.js'
import type { FollowOptions, LedgerSyncStatus, SyncFilters, SyncMethods, UnfollowOptions } from '../api/sync.js'
import { evidenceStateOf } from '../forks/list-evidence.js'
import { listConflicts } from '../forks/list-conflicts.js'
import { Erasures } from '../replication/erasure-receipts.js'
import type { ErasureFilters } from '../api/erasures.js'
import { trustMilli } from '../replication/follow-rule.js'
import { forwardClock } from '../runtime/monotonic-clock.js'
import type { Plugin, PluginContext } from './plugin.js'
import { FAMILIES } from '../metrics/families.js'
import { meterSearches, meterSync } from './sync-meter.js'
import { DEFAULT_PUSH_LIMITS, type PushLimits } from '../replication/pushed-room.js'
import { FreeDisk } from '../replication/free-disk.js'
import { Replication } from '../replication/replication.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'
import { adoptMethods, readCopies, startAdopting, type Adopting } from '../adopt/adopt-methods.js'
import { readFetchLimits, type FetchLimits } from '../schedule/fetch-limits.js'
import { ServeCaps } from '../schedule/serve-caps.js'
import { Timetable } from '../schedule/timetable.js'
import { pushMethods, startPushing, type Pushing } from '../push/push-methods.js'
import { EntryConflicts } from '../conflicts/entry-conflicts.js'
import { AutoPull, DEFAULT_BUDGET_MS, MAX_BUDGET_MS } from '../replication/auto-pull.js'
import { DEFAULT_REPLICAS_MS, MAX_REPLICAS, MAX_REPLICAS_MS, type AutoSync } from '../push/auto-sync.js'
import { applyRules, readRules } from '../conflicts/configured-rules.js'
import { Recorder } from '../conflicts/recorder.js'
import type { RuleInput } from '../../conflict/rule.js'
import { adoptedScope, followAdoptions, ofScope } from '../conflicts/adopted-scope.js'
import { Merger } from '../conflicts/merger.js'

/** What comes in by push. */
export interface PushOptions {
  /** Whose offers make this node follow a ledger. Default nobody. */
  accept?: AcceptRule
  limits?: Partial<PushLimits>
}

/** Options of the sync plugin. */
export interface SyncPluginOptions {
  /**
   * Pull only ledgers that the own one trusts at least `minTrustLevel` for sync. Default false. Headers alone may
   * always be followed.
   */
  filterByTrust?: boolean
  /** 0–1, default 0: any trust at all. */
  minTrustLevel?: number
  push?: PushOptions
  /**
   * Own entries are offered to remotes with push by themselves, soon after they are appended; an append never waits for
   * that, and never fails of it. `replicas`: how many remotes should have them within `timeoutMs` (default 9,000): it
   * is logged when fewer do. False: only when `push` is called. Default true.
   */
  autoSync?: boolean | { replicas?: number; timeoutMs?: number }
  /**
   * `get` looks for an entry that is not there in what else is held, and in followed ledgers that have more; of a ledger
   * that is named and not held it asks those who have it. It waits `budgetMs` for that at most (default 250, at most
   * 2,000). Default false.
   */
  autoPull?: boolean | { budgetMs?: number }
  /** What all remotes may have together: 32 ranges at once, and no cap of bandwidth. */
  limits?: Partial<FetchLimits>
  /**
   * Which entries speak of one thing, and who decides when they differ: in force as long as they stand here. Others are
   * set by `entryConflicts.setRule`.
   */
  rules?: readonly RuleInput[]
  /** Where its advice is read. Default: in the library. @internal */
  surface?: Surface
}

const OPTIONS: Members<SyncPluginOptions> = {
  filterByTrust: true,
  minTrustLevel: true,
  push: true,
  autoSync: true,
  autoPull: true,
  limits: true,
  rules: true,
  surface: true
}
const AUTO_SYNC: Members<{ replicas?: number; timeoutMs?: number }> = { replicas: true, timeoutMs: true }
const AUTO_PULL: Members<{ budgetMs?: number }> = { budgetMs: true }
const PUSH_OPTIONS: Members<PushOptions> = { accept: true, limits: true }
const LIMITS: Members<Partial<PushLimits>> = { ledgers: true, bytesPerLedger: true, bytes: true, freeDisk: true }
/** The longest pause that has an end. */
const MAX_PAUSE_MS = 366 * 86_400_000
const FOLLOW_OPTIONS: Members<FollowOptions> = { filters: true, headers: true, key: true, adopt: true }
const FILTERS: Members<SyncFilters> = { streams: true, types: true, issuers: true, subjects: true }
const UNFOLLOW_OPTIONS: Members<UnfollowOptions> = { forget: true, copies: true }
const ERASURE_FILTERS: Members<ErasureFilters> = { limit: true, cursor: true }

/** Throws INVALID_PARAMS for an unknown option, and for a level that is none. */
export function syncPlugin(options: SyncPluginOptions = {}): Plugin<'sync', SyncMethods> {
  const {
    filterByTrust = false,
    minTrustLevel = 0,
    push,
    limits,
    autoSync = true,
    autoPull = false,
    rules: givenRules = [],
    surface = 'library'
  } = readOptions(options, OPTIONS)
  const rules = readRules(givenRules)
  const offersOwn = readAutoSync(autoSync)
  const budgetMs = readAutoPull(autoPull)
  const { accept, limits: pushLimits } = readPush(push)
  const fetchLimits = readFetchLimits(limits)
  const minTrustMilli = filterByTrust ? trustMilli(minTrustLevel) : null
  let replication: Replication | null = null
  let context: PluginContext | null = null
  let erasures: Erasures | null = null
  let pushing: Pushing | null = null
  let adopting: Adopting | null = null
  let endScope = (): void => {}
  let merger: Merger | null = null
  let recorder: Recorder | null = null
  let disk: FreeDisk | null = null
  let puller: AutoPull | null = null

  const running = (): Replication => {
    if (replication === null) throw new LedgermeshError('OFFLINE', 'the sync plugin is not started')
    return replication
  }
  const book = (): EntryConflicts => {
    running()
    return new EntryConflicts(context!.store, merger!, () => adoptedScope(context!.store, adopting!.control))
  }
  const statusOf = (ledger: Ledger): LedgerSyncStatus => describe(running().runtime, ledger, surface)
  const statuses = (): LedgerSyncStatus[] =>
    context!.store
      .list()
      .filter((ledger) => ledger.own || running().runtime.isFollowed(ledger.id))
      .map(statusOf)
  const held = (id: LedgerId): Ledger => {
    const ledger = context!.store.get(id)
    if (ledger === undefined) throw new LedgermeshError('NOT_FOLLOWED', `${id} is not followed`)
    return ledger
  }

  return {
    id: 'sync',
    version: '1.0.0',
    hooks: budgetMs === null ? {} : { beforeGet: async (key) => (await puller?.find(key, null)) ?? undefined },
    start: async (given) => {
      context = given
      const clock = forwardClock(given.clock)
      const timetable = await Timetable.load({ store: given.db, clock: given.clock, log: given.log })
      disk = new FreeDisk({ ...given, clock, onLook: () => replication?.onRoom() })
      await disk.start()
      replication = new Replication(
        { ...given, clock, timetable },
        { minTrustMilli, pushLimits, fetchLimits, freeBytes: () => disk?.bytes ?? null }
      )
      replication.start()
      adopting = await startAdopting({
        ...given,
        clock,
        ledgers: given.store,
        peerNetwork: given.host(),
        replication,
        surface,
        readFilters
      })
      pushing = await startPushing({
        ...given,
        clock,
        ledgers: given.store,
        peerNetwork: given.host(),
        replication,
        timetable,
        accept,
        autoSync: offersOwn,
        pullAgain: (id) => adopting?.adopter.again(id),
        adoption: adopting.control,
        wanted: wantedOf
      })
      const { control, runtime } = replication
      if (budgetMs !== null) {
        puller = new AutoPull({
          ...given,
          clock,
          ledgers: given.store,
          isBehind: (ledger) => runtime.targetOf(ledger) > ledger.size,
          pull: async (ledger) => {
            await control.pull(ledger)
          },
          budgetMs
        })
        const timed = meterSearches(given.metrics, clock)
        puller.useRemote(async (key, named, signal) => {
          const wanted =
            'hash' in key ? { hashes: [key.hash], ids: [] } : { hashes: [], ids: 'id' in key ? [key.id] : [] }
          const found = named === null ? [] : await given.overview.entries?.(named, wanted, signal)
          return found?.[0] ?? null
        })
        given.ledger.lookElsewhere(
          async (key, ledger) => await timed(async () => (await puller?.find(key, ledger)) ?? null)
        )
      }
      adopting.adopter.onOutcome((outcome) => pushing?.service.adopted.heard(outcome))
      const adopted = given.metrics.counter(FAMILIES.adopted)
      adopting.adopter.onOutcome((one) => {
        adopted({ outcome: one.outcome, reason: 'code' in one ? one.code : '' })
      })
      const { connections } = given.host()
      const caps = new ServeCaps({
        clock,
        nodeKiBps: fetchLimits.outKiBps,
        remoteKiBps: (remote) => timetable.planOf(remote).outKiBps,
        remoteOf: (peer) => connections.peers().find((one) => one.peer === peer)?.ledger ?? null
      })
      given.host().use({ caps })
      meterSync({
        ...given,
        adoptions: () => adopting?.control.list() ?? [],
        clock,
        peerNetwork: given.host(),
        replication,
        service: pushing.service,
        timetable,
        caps
      })
      erasures = new Erasures({
        own: () => given.store.own,
        peerNetwork: given.host(),
        clock: given.clock,
        log: given.log
      })
      erasures.start()
      given.overview.sync = statuses
      given.store.conflicts.onChange(({ id, rule, row }) => {
        given.events.publish({ kind: 'conflict', conflict: id, rule, state: row.state, siblings: row.siblings })
      })
      const scope = adoptedScope(given.store, adopting.control)
      await applyRules(
        given.store.rules,
        rules.map((rule) => ofScope(rule, scope))
      )
      endScope = followAdoptions({ ...given, ledgers: given.store, adoption: adopting.control })
      given.store.conflicts.wake()
      recorder = new Recorder({ ledgers: given.store, clock: given.clock, log: given.log })
      recorder.wake()
      const merges = given.metrics.counter(FAMILIES.merges)
      merger = new Merger({
        ledgers: given.store,
        clock: given.clock,
        log: given.log,
        onRun: (outcome) => {
          merges({ outcome })
        }
      })
      merger.wake()
    },
    stop: async () => {
      context!.overview.sync = null
      disk?.stop()
      puller?.stop()
      puller = null
      await pushing?.stop()
      pushing = null
      endScope()
      await adopting?.stop()
      adopting = null
      await merger?.stop()
      await recorder?.stop()
      await replication?.stop()
      replication = null
    },
    methods: {
      ...pushMethods(() => pushing ?? (running() as never)),
      ...adoptMethods(() => adopting ?? (running() as never), held),
      follow: async (id, given) => {
        const options = readOptions(given, FOLLOW_OPTIONS)
        if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
        const { control } = running()
        const adopt = options.adopt === undefined ? null : adopting!.control.check(id, options.adopt)
        const ledger = await control.follow(id, wantedOf(options), keyOf(options.key))
        if (adopt !== null) await adopting!.control.adopt(ledger, adopt)
        return statusOf(ledger)
      },
      unfollow: async (id, options) => {
        const { forget = false, copies } = readOptions(options, UNFOLLOW_OPTIONS)
        const { control } = running()
        const ledger = held(id)
        if (control.isFollowed(id)) await adopting!.control.release(ledger, readCopies(copies))
        await control.unfollow(ledger, forget === true)
        if (pushing?.service.remotes.get(id) === null) await pushing.service.timekeeper.forgotten(id)
      },
      status: async (id) => (id === undefined ? statuses() : statuses().filter(({ ledger }) => ledger === held(id).id)),
      pull: async (id) => {
        const ledger = held(id)
        running()
        pushing!.service.timekeeper.ask(id)
        await running().control.pull(ledger)
        return statusOf(ledger)
      },
      pause: async (id, forMs) => {
        if (forMs !== undefined && !(isInteger(forMs, MAX_PAUSE_MS) && forMs > 0))
          throw new LedgermeshError('INVALID_PARAMS', 'a pause is a millisecond to a year, or without an end')
        await running().control.setPaused(held(id), true, forMs === undefined ? null : context!.clock.now() + forMs)
        return statusOf(held(id))
      },
      resume: async (id) => {
        await running().control.setPaused(held(id), false)
        return statusOf(held(id))
      },
      resolve: async (id, key) => {
        const voided = await running().control.resolve(held(id), keyOf(key))
        return { status: statusOf(held(id)), voided }
      },
      conflicts: async (id) => {
        const { conflicts, disputes, voided } = await listConflicts(
          id === undefined ? context!.store.list() : [held(id)],
          verifySignature
        )
        const readable = <One extends { next: string }>(one: One): One => ({
          ...one,
          next: adviceFor(surface, one.next)
        })
        return { conflicts: conflicts.map(readable), disputes: disputes.map(readable), voided }
      },
      voided: async (id, offset, limit) => {
        running()
        return await context!.ledger.held(id).voidedEntries(offset, limit)
      },
      override: async () => {
        await running().control.override()
        return statusOf(context!.store.own)
      },
      erasures: async (filters) => {
        running()
        return await erasures!.list(readOptions(filters, ERASURE_FILTERS, 'filter'))
      },
      entryConflicts: {
        rules: () => book().rules(),
        setRule: async (...rule) => {
          const status = await book().setRule(...rule)
          recorder?.wake()
          return status
        },
        removeRule: async (name) => {
          await book().removeRule(name)
        },
        list: async (filters) => await book().list(filters),
        view: async (pointer) => await book().view(pointer),
        resolve: async (...decision) => await book().resolve(...decision)
      }
    }
  }
}

/** Throws INVALID_PARAMS. */
function wantedOf({ headers, filters }: { headers?: boolean; filters?: SyncFilters }): Wanted {
  if (headers === true && filters !== undefined)
    throw new LedgermeshError('INVALID_PARAMS', 'headers alone: there is nothing to filter')
  return headers === true ? 'headers' : filters === undefined ? null : readFilters(filters)
}

/** null: own entries are not offered by themselves. Throws INVALID_PARAMS. */
function readAutoSync(given: NonNullable<SyncPluginOptions['autoSync']>): AutoSync | null {
  if (typeof given === 'boolean') return given ? { replicas: 0, timeoutMs: DEFAULT_REPLICAS_MS } : null
  const { replicas = 0, timeoutMs = DEFAULT_REPLICAS_MS } = readOptions(given, AUTO_SYNC)
  if (!isInteger(replicas, MAX_REPLICAS))
    throw new LedgermeshError('INVALID_PARAMS', `replicas is 0 to ${MAX_REPLICAS}`)
  if (!isInteger(timeoutMs, MAX_REPLICAS_MS) || timeoutMs === 0)
    throw new LedgermeshError('INVALID_PARAMS', `timeoutMs is 1 to ${MAX_REPLICAS_MS}`)
  return { replicas, timeoutMs }
}

/** null: nothing is looked for elsewhere. Throws INVALID_PARAMS. */
function readAutoPull(given: NonNullable<SyncPluginOptions['autoPull']>): number | null {
  if (typeof given === 'boolean') return given ? DEFAULT_BUDGET_MS : null
  const { budgetMs = DEFAULT_BUDGET_MS } = readOptions(given, AUTO_PULL)
  if (!isInteger(budgetMs, MAX_BUDGET_MS) || budgetMs === 0)
    throw new LedgermeshError('INVALID_PARAMS', `budgetMs is 1 to ${MAX_BUDGET_MS}`)
  return budgetMs
}

/** Throws INVALID_PARAMS. */
function readPush(given: PushOptions | undefined): { accept: AcceptRule; limits: PushLimits } {
  const { accept = 'nobody', limits } = readOptions(given, PUSH_OPTIONS)
  if (!ACCEPT_RULES.includes(accept))
    throw new LedgermeshError('INVALID_PARAMS', `push.accept is one of ${ACCEPT_RULES.join(', ')}`)
  const all = { ...DEFAULT_PUSH_LIMITS, ...readOptions(limits, LIMITS) }
  for (const [limit, value] of Object.entries(all))
    if (!isInteger(value, Number.MAX_SAFE_INTEGER))
      throw new LedgermeshError('INVALID_PARAMS', `push.limits.${limit} is a count`)
  return { accept, limits: all }
}

/** Throws INVALID_PARAMS. */
function readFilters(given: SyncFilters): SyncFilters {
  for (const [filter, list] of Object.entries(readOptions(given, FILTERS, 'filter'))) {
    if (list !== undefined && !(Array.isArray(list) && list.every(isName)))
      throw new LedgermeshError('INVALID_PARAMS', `${filter} is a list of names`)
  }
  return given
}

/** Throws INVALID_PARAMS for what is no public key. */
function keyOf(key: string | undefined): string | null {
  if (key !== undefined && !isHash(key)) throw new LedgermeshError('INVALID_PARAMS', 'a public key is 64 hex digits')
  return key ?? null
}

function describe(runtime: SyncRuntime, ledger: Ledger, surface: Surface): LedgerSyncStatus {
  const status = runtime.status(ledger)
  const wanted = runtime.filtersOf(ledger.id)
  return {
    ledger: ledger.id,
    name: ledger.chain?.name ?? null,
    own: ledger.own,
    access: ledger.chain?.access ?? null,
    status: status.status,
    size: ledger.size,
    audited: ledger.audited,
    target: Math.max(runtime.targetOf(ledger), ledger.size),
    filters: wanted === 'headers' ? null : wanted,
    headers: wanted === 'headers',
    peers: runtime.peersOf(ledger.id),
    announced: runtime.isAnnounced(ledger.id),
    stall:
      status.status === 'stalled'
        ? {
            code: status.code,
            since: status.since,
            next: status.next,
            explanation: adviceFor(surface, STALL_SENTENCES[status.code])
          }
        : null,
    evidence: evidenceStateOf(ledger)
  }
}
