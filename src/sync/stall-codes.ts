import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { StallCode, SyncStatus } from './types.js'

/** A sentence for operators for each code (core/advice.ts). */
export const STALL_SENTENCES: Record<StallCode, string> = {
  NO_PEERS: 'No connected peer has this ledger; still looking.',
  HEAD_UNBACKED: 'A signed head says there is more, but no known peer serves it.',
  PEERS_FAILING: 'All peers that have it failed, timed out or sent wrong data; retrying.',
  DENIED: 'All peers that have it refuse this node: ask the owner for access.',
  FROZEN: 'There is evidence that its author signed contradictory statements: see `sync.conflicts`.',
  KEY_FORK:
    'One of its keys signed two rotations, and neither branch takes precedence: ask the owner for the key in force now, then `sync.resolve {ledger, key}`.',
  TOO_MANY_KEYS:
    'It has more key entries than evidence and proofs can carry (256): it is kept up to there and followed no further.',
  PAUSED: 'Paused by the operator.',
  UNTRUSTED: 'The own ledger does not trust it enough (minTrustMilli): see `trust.explain {to}`.',
  QUOTA: 'It came by push and has reached its size limit: follow it to lift the limit.',
  SCHEDULED: 'Outside its schedule, which says when it is pulled. `sync.pull {ledger}` pulls it now.',
  QUEUED: 'All fetch slots are in use: other ledgers go first.',
  THROTTLED: 'The bandwidth limit of this ledger, or of this node, is used up for the moment.',
  RESTORING:
    "The own ledger is older than its signer's mark: nothing is signed until it is pulled back from its mirrors: connect to a node that follows it.",
  CONFIRMING:
    'Nothing is signed until a node that held this ledger confirms that nothing is missing here: stay connected to its followers.',
  TWIN: 'Another node runs with the keys of this one: stop one of the two for good, then confirm that with `ledger.override`.',
  UPGRADE_NEEDED: 'It has entries of a newer format version: upgrade this node.',
  STORE_FAILED: 'The disk did not accept the entries: free space, then see the log.',
  WRONG_NETWORK: 'Its genesis names another network.',
  PAYLOADS_MISSING: 'All headers are held, but no peer serves some of the payloads.'
}

/** Exactly one of the three (I6), from the state alone. `next`: time of the next check of the ledger. */
export function statusOf(ledger: FollowedLedger, now: number, next: number | null, limits: SyncLimits): SyncStatus {
  const { size } = ledger
  const stalled = (code: StallCode, since: number, retry: number | null): SyncStatus => ({
    status: 'stalled',
    size,
    code,
    since,
    next: retry
  })
  if (ledger.pausedAt !== null) return stalled(ledger.pauseCode, ledger.pausedAt, ledger.pausedUntil)
  if (ledger.fixed !== null) return stalled(ledger.fixed.code, ledger.fixed.since, ledger.active ? next : null)
  if (ledger.storeFailedAt !== null) return stalled('STORE_FAILED', ledger.storeFailedAt, ledger.storeBackoff.until)
  const target = ledger.target(now)
  if (target === size && isConfirmed(ledger, now, limits)) {
    if (ledger.missingPayloads === 0) return { status: 'synced', size }
    // Payloads that were not requested yet do not count as refused.
    const patient = ledger.unaskedSince !== null && now - ledger.unaskedSince < limits.stallMs
    return patient ? { status: 'syncing', size, target } : stalled('PAYLOADS_MISSING', ledger.confirmedAt ?? now, next)
  }
  if (ledger.closed !== null && !ledger.isExempt && ledger.batches.size === 0)
    return stalled('SCHEDULED', ledger.closed.since, ledger.closed.next)
  const since = waitingSince(ledger, now, limits)
  if (now - since < limits.stallMs) return { status: 'syncing', size, target }
  // It waits for other ledgers, which is no fault.
  if (ledger.waits !== null && target > size && ledger.batches.size === 0)
    return stalled(ledger.waits.code, since, ledger.waits.until ?? next)
  return stalled(reasonOf(ledger, now), since, next)
}

/** Since when nothing arrived although something is missing: entries, or the confirmation that none are. */
export function waitingSince(ledger: FollowedLedger, now: number, limits: SyncLimits): number {
  const confirmed =
    ledger.target(now) > ledger.size || ledger.confirmedAt === null ? 0 : ledger.confirmedAt + limits.confirmedMs
  return Math.max(ledger.progressAt, confirmed)
}

export function isConfirmed(ledger: FollowedLedger, now: number, limits: SyncLimits): boolean {
  return ledger.size > 0 && ledger.confirmedAt !== null && now - ledger.confirmedAt < limits.confirmedMs
}

function reasonOf(ledger: FollowedLedger, now: number): StallCode {
  const views = [...ledger.views.values()]
  if (views.length > 0 && views.every((view) => view.denied)) return 'DENIED'
  const missing = ledger.target(now) > ledger.size
  const holders = views.filter((view) => (missing ? view.has(ledger.size) : !view.denied))
  if (holders.length > 0)
    return missing && holders.every((view) => view.lastCode === 'UPGRADE_NEEDED') ? 'UPGRADE_NEEDED' : 'PEERS_FAILING'
  if (missing && views.length > 0) return 'HEAD_UNBACKED'
  return ledger.hasBans(now) ? 'PEERS_FAILING' : 'NO_PEERS'
}
