/** The sync plugin: replicates remote ledgers, and hands the own one to whoever may read it. */
import { LedgermeshError } from '../core/errors.js'
import { verifySignature } from '../core/signature.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import { STALL_SENTENCES } from '../sync/stall-codes.js'
import type { FollowOptions, LedgerSyncStatus } from './api.js'
import { listConflicts, type ConflictsReport } from './conflicts.js'
import { Erasures } from './erasures.js'
import type { ErasureFilters, ErasuresResult } from './erasures-api.js'
import { trustMilli } from './follow-rule.js'
import { forwardClock } from './forward-clock.js'
import type { Plugin, PluginContext } from './plugin.js'
import { Replication } from './replication.js'

export interface SyncMethods {
  follow: (ledger: LedgerId, options?: FollowOptions) => Promise<LedgerSyncStatus>
  unfollow: (ledger: LedgerId, options?: { forget?: boolean }) => Promise<void>
  status: (ledger?: LedgerId) => Promise<LedgerSyncStatus[]>
  pull: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  pause: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  resume: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  /** The operator's word for the branch of a rotation in a frozen ledger (I4). */
  resolve: (ledger: LedgerId) => Promise<{ status: LedgerSyncStatus, voided: number }>
  /** Frozen ledgers and what can be done about them; default: all that are held. */
  conflicts: (ledger?: LedgerId) => Promise<ConflictsReport>
  /** Only when nothing was signed since what is stored: the own ledger leaves RESTORING and signs again. A false word forks it for good. */
  override: () => Promise<LedgerSyncStatus>
  /** Erasures of the own ledger, and which mirrors have confirmed them. */
  erasures: (filters?: ErasureFilters) => Promise<ErasuresResult>
}

export interface SyncPluginOptions {
  /** Pull only ledgers that the own one trusts at least `minTrustLevel` for sync. Default false. Headers alone may always be followed. */
  filterByTrust?: boolean
  /** 0–1, default 0: any trust at all. */
  minTrustLevel?: number
}

/** Throws INVALID_PARAMS for a level that is none. */
export function syncPlugin ({ filterByTrust = false, minTrustLevel = 0 }: SyncPluginOptions = {}): Plugin<'sync', SyncMethods> {
  const minTrustMilli = filterByTrust ? trustMilli(minTrustLevel) : null
  let replication: Replication | null = null
  let context: PluginContext | null = null
  let erasures: Erasures | null = null

  const running = (): Replication => {
    if (replication === null) throw new LedgermeshError('OFFLINE', 'the sync plugin is not started')
    return replication
  }
  const statusOf = (ledger: Mirror): LedgerSyncStatus => describe(running(), ledger)
  const statuses = (): LedgerSyncStatus[] => context!.store.list().filter((ledger) => ledger.own || running().isFollowed(ledger.id)).map(statusOf)
  const held = (id: LedgerId): Mirror => {
    const ledger = context!.store.get(id)
    if (ledger === undefined) throw new LedgermeshError('NOT_FOLLOWED', `${id} is not followed`)
    return ledger
  }

  return {
    id: 'sync',
    version: '1.0.0',
    start: (given) => {
      context = given
      replication = new Replication({ ...given, clock: forwardClock(given.clock) }, { minTrustMilli })
      replication.start()
      erasures = new Erasures({ own: () => given.store.own, mesh: given.host(), clock: given.clock, log: given.log })
      erasures.start()
      given.overview.sync = statuses
    },
    stop: async () => {
      context!.overview.sync = null
      await replication?.stop()
      replication = null
    },
    methods: {
      follow: async (id, options = {}) => {
        if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
        if (options.headers === true && options.filters !== undefined) throw new LedgermeshError('INVALID_PARAMS', 'headers alone: there is nothing to filter')
        return statusOf(await running().follow(id, options.headers === true ? 'headers' : options.filters ?? null))
      },
      unfollow: async (id, options = {}) => { await running().unfollow(held(id), options.forget === true) },
      status: async (id) => id === undefined ? statuses() : statuses().filter(({ ledger }) => ledger === held(id).id),
      pull: async (id) => {
        const ledger = held(id)
        await running().pull(ledger)
        return statusOf(ledger)
      },
      pause: async (id) => {
        await running().pause(held(id))
        return statusOf(held(id))
      },
      resume: async (id) => {
        await running().resume(held(id))
        return statusOf(held(id))
      },
      resolve: async (id) => {
        const voided = await running().resolve(held(id))
        return { status: statusOf(held(id)), voided }
      },
      conflicts: async (id) => await listConflicts(id === undefined ? context!.store.list() : [held(id)], verifySignature),
      override: async () => {
        await running().override()
        return statusOf(context!.store.own)
      },
      erasures: async (filters) => {
        running()
        return await erasures!.list(filters)
      }
    }
  }
}

function describe (replication: Replication, ledger: Mirror): LedgerSyncStatus {
  const status = replication.status(ledger)
  const wanted = replication.filtersOf(ledger.id)
  return {
    ledger: ledger.id,
    name: ledger.chain?.name ?? null,
    own: ledger.own,
    status: status.status,
    size: ledger.size,
    audited: ledger.audited,
    target: Math.max(replication.targetOf(ledger), ledger.size),
    filters: wanted === 'headers' ? null : wanted,
    headers: wanted === 'headers',
    peers: replication.peersOf(ledger.id),
    announced: replication.isAnnounced(ledger.id),
    stall: status.status === 'stalled' ? { code: status.code, since: status.since, next: status.next, explanation: STALL_SENTENCES[status.code] } : null
  }
}
