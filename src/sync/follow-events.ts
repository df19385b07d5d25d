import type { LedgerId } from '../core/ledger-id.js'
import { FollowedLedger } from './followed-ledger.js'
import { DEFAULT_PRIORITY } from './schedule/limits.js'
import { statusOf } from './stall-codes.js'
import type { SyncState } from './state.js'
import type { StallCode, SyncEvent } from './types.js'

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { type: T }>

/** Stalls that a ledger can start with; the others are determined again. */
const LASTING = new Set<StallCode>([
  'FROZEN',
  'KEY_FORK',
  'TOO_MANY_KEYS',
  'RESTORING',
  'UPGRADE_NEEDED',
  'WRONG_NETWORK'
])

/** The defaults for a ledger without settings. */
const MIDDLE = { priority: DEFAULT_PRIORITY, bytesPerSecond: null }

export function onFollowed(state: SyncState, event: EventOf<'followed'>, now: number): void {
  const known = state.ledgers.get(event.ledger)
  if (known !== undefined) onUnfollowed(state, known)
  const ledger = new FollowedLedger(event.ledger, event.size, event.headHash, now, state.limits)
  if (event.stall === 'FROZEN' || event.stall === 'KEY_FORK') {
    ledger.frozenAt = event.frozenAt ?? event.size
    state.exchange.frozen.add(ledger)
  }
  if (event.stall === 'PAUSED' || event.stall === 'UNTRUSTED') {
    ledger.pausedAt = now
    ledger.pauseCode = event.stall
    ledger.pausedUntil = event.pausedUntil ?? null
  } else if (event.stall !== undefined && LASTING.has(event.stall)) ledger.fixed = { code: event.stall, since: now }
  if (event.closed !== undefined) ledger.closed = { since: now, next: event.closed.next }
  state.fetching.setTerms(ledger, event.terms ?? { ...MIDDLE, share: event.ledger })
  state.ledgers.set(event.ledger, ledger)
  askAll(state, ledger)
  state.touch(ledger)
}

export function onTerms(state: SyncState, event: EventOf<'terms'>): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  state.fetching.setTerms(ledger, event.terms)
  state.touch(ledger)
}

export function onClosed(state: SyncState, event: EventOf<'closed'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  ledger.closed = { since: ledger.closed?.since ?? now, next: event.next }
  ledger.waits = null
  state.touch(ledger)
}

export function onOpened(state: SyncState, event: EventOf<'opened'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger?.closed == null) return
  ledger.closed = null
  ledger.progressAt = now
  askAll(state, ledger)
  state.touch(ledger)
}

export function onUnfollowed(state: SyncState, ledger: FollowedLedger): void {
  state.fetching.discardWhere(ledger, () => true)
  state.fetching.leave(ledger)
  state.exchange.frozen.delete(ledger)
  for (const batch of ledger.batches.values()) state.fetching.remove(ledger, batch)
  for (const peer of state.peers.all()) {
    ledger.forget(peer)
    peer.toAsk.delete(ledger.id)
    if (peer.asking.delete(ledger.id)) state.touchPeer(peer)
  }
  state.ledgers.delete(ledger.id)
}

export function onPaused(state: SyncState, event: EventOf<'paused'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  ledger.pausedAt ??= now
  ledger.pauseCode = event.code ?? 'PAUSED'
  ledger.pausedUntil = event.until ?? null
  state.fetching.discardWhere(ledger, () => true)
  state.touch(ledger)
}

export function onResumed(state: SyncState, event: { ledger: LedgerId }, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  if (ledger.pausedAt !== null) {
    ledger.pausedAt = null
    ledger.progressAt = now
    askAll(state, ledger)
  }
  if (ledger.fixed?.code === 'RESTORING') ledger.fixed = null
  state.touch(ledger)
}

export function onPullRequested(state: SyncState, event: { ledger: LedgerId }, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  for (const view of ledger.views.values()) {
    view.backoff.reset()
    view.askBackoff.reset()
  }
  ledger.storeBackoff.reset()
  if (ledger.dialAt !== null) ledger.dialAt = now
  // From here on, synced means confirmed after this request. A running wait continues, so that it still ends in a
  // stall.
  if (statusOf(ledger, now, null, state.limits).status !== 'syncing') ledger.progressAt = now
  ledger.confirmedAt = null
  if (ledger.missingPayloads > 0) ledger.unaskedSince = now
  askAll(state, ledger)
  state.touch(ledger)
}

function askAll(state: SyncState, ledger: FollowedLedger): void {
  for (const peer of state.peers.all()) {
    peer.toAsk.add(ledger.id)
    state.touchPeer(peer)
  }
}
