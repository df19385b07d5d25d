import { SMALLEST_BATCH } from './limits.js'
import type { Batch } from './batch.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { PeerView } from './peer-view.js'
import { isConfirmed, waitingSince } from './stall-codes.js'
import { dropForkSearch } from './fork-events.js'
import type { SyncState } from './state.js'

/**
 * After any change of a ledger: gives up fetches that take too long, stores the next batch, and takes its turn at
 * fetching.
 */
export function advance(state: SyncState, ledger: FollowedLedger, now: number): void {
  if (!ledger.active) {
    state.fetching.forget(ledger)
    // Fetches that were running when its scheduled time ended are not discarded.
    if (ledger.closed !== null) {
      giveUp(state, ledger, now)
      storeNext(state, ledger, now)
    }
    return
  }
  giveUp(state, ledger, now)
  if (ledger.batches.size === 0 && ledger.target(now) === ledger.size) ledger.storeFailedAt = null
  storeNext(state, ledger, now)
  askAgain(state, ledger, now)
  state.fetching.enqueue(ledger)
}

/** Batches are stored in order, one at a time: the one that starts where the stored entries end. */
function storeNext(state: SyncState, ledger: FollowedLedger, now: number): void {
  if (ledger.storing !== undefined || (ledger.storeFailedAt !== null && ledger.storeBackoff.until > now)) return
  for (const batch of ledger.batches.values()) {
    if (batch.state === 'verified' && batch.from === ledger.size) {
      batch.state = 'storing'
      state.emit({ type: 'store', fetch: batch.fetch, ledger: ledger.id })
      return
    }
  }
}

function giveUp(state: SyncState, ledger: FollowedLedger, now: number): void {
  const { limits, fetching } = state
  for (const batch of ledger.batches.values()) {
    if (batch.state !== 'fetching') continue
    const age = now - batch.since
    if (age < limits.slowFetchMs || (age < limits.fetchTimeoutMs && !hasOther(ledger, batch, now))) continue
    fetching.discard(ledger, batch)
    ledger.batchEntries = Math.max(SMALLEST_BATCH, ledger.batchEntries >> 1)
    const view = ledger.views.get(batch.peer.id)
    if (view === undefined) continue
    view.lastCode = 'TIMEOUT'
    fetching.penalize(view, now, true)
  }
  if (ledger.forkPeer !== null && now - ledger.forkSince >= limits.fetchTimeoutMs) dropForkSearch(state, ledger, now)
}

/**
 * A head is known, but no known peer has the missing entries: one may have got them meanwhile (gossip is faster than
 * the entries).
 */
function askAgain(state: SyncState, ledger: FollowedLedger, now: number): void {
  for (const view of unbacked(ledger, now)) {
    if (Math.max(view.readyAt(), view.askBackoff.until) > now) continue
    view.peer.toAsk.add(ledger.id)
    state.touchPeer(view.peer)
    view.askBackoff.fail(now, { ...state.limits, backoffBaseMs: state.limits.unavailableBaseMs }, state.random)
  }
}

function unbacked(ledger: FollowedLedger, now: number): PeerView[] {
  if (ledger.target(now) <= ledger.size || ledger.batches.size > 0) return []
  const views = [...ledger.views.values()]
  return views.some((view) => view.has(ledger.size)) ? [] : views.filter((view) => !view.denied && !view.suspect)
}

/** Could another peer send it now? */
function hasOther(ledger: FollowedLedger, batch: Batch, now: number): boolean {
  for (const view of ledger.views.values()) {
    if (view.peer !== batch.peer && view.has(batch.from) && !view.suspect && view.readyAt() <= now) return true
  }
  return false
}

/** When the ledger has to be checked again without an event. */
export function nextDeadline(state: SyncState, ledger: FollowedLedger, now: number): number | null {
  if (!ledger.active && (ledger.closed === null || ledger.batches.size === 0)) return null
  const { limits, fetching } = state
  let next = Infinity
  const consider = (at: number): void => {
    if (at > now) next = Math.min(next, at)
  }
  if (ledger.dialAt !== null) consider(ledger.dialAt)
  if (ledger.lookAt !== null) consider(ledger.lookAt)
  if (ledger.storeFailedAt !== null) consider(ledger.storeBackoff.until)
  if (ledger.waits?.code === 'THROTTLED' && ledger.waits.until !== null) consider(ledger.waits.until)
  if (ledger.forkPeer !== null) consider(ledger.forkSince + limits.fetchTimeoutMs)
  for (const batch of ledger.batches.values()) {
    if (batch.state !== 'fetching') continue
    consider(batch.since + limits.slowFetchMs)
    consider(batch.since + limits.fetchTimeoutMs)
  }
  if (ledger.missingPayloads > 0 && ledger.unaskedSince !== null) consider(ledger.unaskedSince + limits.stallMs)
  const [missing] = fetching.pieces(ledger, now)
  if (missing !== undefined)
    for (const view of ledger.views.values()) if (view.has(missing.from)) consider(view.readyAt())
  for (const view of unbacked(ledger, now)) consider(Math.max(view.readyAt(), view.askBackoff.until))
  const behind = ledger.target(now) > ledger.size || !isConfirmed(ledger, now, limits)
  consider(
    behind ? waitingSince(ledger, now, limits) + limits.stallMs : (ledger.confirmedAt ?? now) + limits.confirmedMs
  )
  return next === Infinity ? null : next
}
