/** The methods of the sync plugin. */
import { adviceFor } from '../../core/advice.js'
import { LedgermeshError, type Surface } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import { verifySignature } from '../../core/signature.js'
import type { Ledger } from '../../ledger/ledger.js'
import { adoptMethods, readCopies } from '../adopt/adopt-methods.js'
import type { ErasureFilters } from '../api/erasures.js'
import type { LedgerSyncStatus, SyncMethods, UnfollowOptions } from '../api/sync.js'
import { adoptedScope } from '../conflicts/adopted-scope.js'
import { EntryConflicts } from '../conflicts/entry-conflicts.js'
import { listConflicts } from '../forks/list-conflicts.js'
import { pushMethods } from '../push/push-methods.js'
import { describeLedger } from './describe-ledger.js'
import { readFollowOptions, readPublicKey, wantedOf } from './follow-options.js'
import type { SyncParts } from './start-sync.js'

/** The longest pause with an end. */
const MAX_PAUSE_MS = 366 * 86_400_000
const UNFOLLOW_OPTIONS: Members<UnfollowOptions> = { forget: true, copies: true }
const ERASURE_FILTERS: Members<ErasureFilters> = { limit: true, cursor: true }

/** The own ledger and the followed ones. */
export function statusList(parts: SyncParts, surface: Surface): LedgerSyncStatus[] {
  const { runtime } = parts.replication
  return parts.init.ledgers
    .list()
    .filter((ledger) => ledger.own || runtime.isFollowed(ledger.id))
    .map((ledger) => describeLedger(runtime, ledger, surface))
}

/** `running` throws OFFLINE before the start. `surface`: where advice is read. */
export function syncMethods(running: () => SyncParts, surface: Surface): SyncMethods {
  const statusOf = (ledger: Ledger): LedgerSyncStatus => describeLedger(running().replication.runtime, ledger, surface)
  const held = (id: LedgerId): Ledger => {
    const ledger = running().init.ledgers.get(id)
    if (ledger === undefined) throw new LedgermeshError('NOT_FOLLOWED', `${id} is not followed`)
    return ledger
  }
  const book = (): EntryConflicts => {
    const { init, merger, adopting } = running()
    return new EntryConflicts(init.ledgers, merger, () => adoptedScope(init.ledgers, adopting.control))
  }
  return {
    ...pushMethods(() => running().pushing),
    ...adoptMethods(() => running().adopting, held),
    follow: async (id, given) => {
      const options = readFollowOptions(given)
      if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
      const { replication, adopting } = running()
      const adopt = options.adopt === undefined ? null : adopting.control.check(id, options.adopt)
      const ledger = await replication.control.follow(id, wantedOf(options), readPublicKey(options.key))
      if (adopt !== null) await adopting.control.adopt(ledger, adopt)
      return statusOf(ledger)
    },
    unfollow: async (id, options) => {
      const { forget = false, copies } = readOptions(options, UNFOLLOW_OPTIONS)
      const { replication, adopting, pushing } = running()
      const ledger = held(id)
      if (replication.control.isFollowed(id)) await adopting.control.release(ledger, readCopies(copies))
      await replication.control.unfollow(ledger, forget === true)
      if (pushing.service.remotes.get(id) === null) await pushing.service.timekeeper.forgotten(id)
    },
    status: async (id) => {
      const all = statusList(running(), surface)
      return id === undefined ? all : all.filter(({ ledger }) => ledger === held(id).id)
    },
    pull: async (id) => {
      const ledger = held(id)
      const { replication, pushing } = running()
      pushing.service.timekeeper.ask(id)
      await replication.control.pull(ledger)
      return statusOf(ledger)
    },
    pause: async (id, forMs) => {
      if (forMs !== undefined && !(isInteger(forMs, MAX_PAUSE_MS) && forMs > 0))
        throw new LedgermeshError('INVALID_PARAMS', 'a pause is a millisecond to a year, or without an end')
      const { replication, init } = running()
      await replication.control.setPaused(held(id), true, forMs === undefined ? null : init.clock.now() + forMs)
      return statusOf(held(id))
    },
    resume: async (id) => {
      await running().replication.control.setPaused(held(id), false)
      return statusOf(held(id))
    },
    resolve: async (id, key) => {
      const voided = await running().replication.control.resolve(held(id), readPublicKey(key))
      return { status: statusOf(held(id)), voided }
    },
    conflicts: async (id) => {
      const { conflicts, disputes, voided } = await listConflicts(
        id === undefined ? running().init.ledgers.list() : [held(id)],
        verifySignature
      )
      const readable = <One extends { next: string }>(one: One): One => ({ ...one, next: adviceFor(surface, one.next) })
      return { conflicts: conflicts.map(readable), disputes: disputes.map(readable), voided }
    },
    voided: async (id, offset, limit) => await running().init.ledger.held(id).voidedEntries(offset, limit),
    override: async () => {
      const { replication, init } = running()
      await replication.control.override()
      return statusOf(init.ledgers.own)
    },
    erasures: async (filters) => await running().erasures.list(readOptions(filters, ERASURE_FILTERS, 'filter')),
    entryConflicts: {
      rules: () => book().rules(),
      setRule: async (...rule) => {
        const status = await book().setRule(...rule)
        running().recorder.wake()
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
