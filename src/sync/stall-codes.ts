import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { StallCode, SyncStatus } from './types.js'

/** What to tell an operator; one sentence each. */
export const STALL_SENTENCES: Record<StallCode, string> = {
  NO_PEERS: 'Nobody we are connected to has this ledger; still looking.',
  HEAD_UNBACKED: 'A signed head says there is more, but nobody we know hands it over.',
  PEERS_FAILING: 'All peers that have it fail, time out, or sent wrong data; trying again.',
  DENIED: 'All peers that have it refuse us: ask its owner for access.',
  FROZEN: 'There is evidence that its author signed what cannot both be true: `ledgermesh conflicts` says what can be done.',
  PAUSED: 'Paused by the operator.',
  UNTRUSTED: 'The own ledger does not trust it enough for this node\'s rule: see `trust explain`.',
  RESTORING: 'The own ledger is older than its signer\'s mark: nothing is signed until it is pulled back from its mirrors. Connect to a node that follows it.',
  UPGRADE_NEEDED: 'It has entries of a newer version: upgrade this node.',
  STORE_FAILED: 'Our disk did not take the entries: free space, then see the log.',
  WRONG_NETWORK: 'Its genesis names another network.',
  PAYLOADS_MISSING: 'All headers are held, but nobody hands over some of the payloads.'
}

/** Exactly one of the three (I6), from the state alone. `next`: when the ledger is looked at again. */
export function statusOf (ledger: FollowedLedger, now: number, next: number | null, limits: SyncLimits): SyncStatus {
  const { size } = ledger
  const stalled = (code: StallCode, since: number, retry: number | null): SyncStatus => ({ status: 'stalled', size, code, since, next: retry })
  if (ledger.pausedAt !== null) return stalled(ledger.pauseCode, ledger.pausedAt, null)
  if (ledger.fixed !== null) return stalled(ledger.fixed.code, ledger.fixed.since, ledger.active ? next : null)
  if (ledger.storeFailedAt !== null) return stalled('STORE_FAILED', ledger.storeFailedAt, ledger.storeBackoff.until)
  const target = ledger.target(now)
  if (target === size && isConfirmed(ledger, now, limits)) {
    return ledger.missingPayloads > 0 ? stalled('PAYLOADS_MISSING', ledger.confirmedAt ?? now, next) : { status: 'synced', size }
  }
  const since = waitingSince(ledger, now, limits)
  return now - since < limits.stallMs ? { status: 'syncing', size, target } : stalled(reasonOf(ledger, now), since, next)
}

/** Since when nothing has come although something is missing: entries, or the word that none are. */
export function waitingSince (ledger: FollowedLedger, now: number, limits: SyncLimits): number {
  const confirmed = ledger.target(now) > ledger.size || ledger.confirmedAt === null ? 0 : ledger.confirmedAt + limits.confirmedMs
  return Math.max(ledger.progressAt, confirmed)
}

export function isConfirmed (ledger: FollowedLedger, now: number, limits: SyncLimits): boolean {
  return ledger.size > 0 && ledger.confirmedAt !== null && now - ledger.confirmedAt < limits.confirmedMs
}

function reasonOf (ledger: FollowedLedger, now: number): StallCode {
  const views = [...ledger.views.values()]
  if (views.length > 0 && views.every((view) => view.denied)) return 'DENIED'
  const missing = ledger.target(now) > ledger.size
  const holders = views.filter((view) => missing ? view.has(ledger.size) : !view.denied)
  if (holders.length > 0) return missing && holders.every((view) => view.lastCode === 'UPGRADE_NEEDED') ? 'UPGRADE_NEEDED' : 'PEERS_FAILING'
  if (missing && views.length > 0) return 'HEAD_UNBACKED'
  return ledger.hasBans(now) ? 'PEERS_FAILING' : 'NO_PEERS'
}
