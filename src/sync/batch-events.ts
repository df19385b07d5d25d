import type { ErrorCode } from '../core/errors.js'
import { verdictOf } from '../core/verdict.js'
import { busyUntil } from './backoff.js'
import type { Batch } from './batch.js'
import type { FollowedLedger } from './followed-ledger.js'
import { banPeer, searchFork } from './fork-events.js'
import { onPaused } from './follow-events.js'
import { confirm } from './head-events.js'
import type { SyncState } from './state.js'
import type { SyncEvent } from './types.js'

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { type: T }>

/** A short batch leaves a gap after it, which is fetched like any other. */
export function onBatchVerified(state: SyncState, event: EventOf<'batch-verified'>, now: number): void {
  const found = state.fetching.find(event.fetch)
  if (found?.batch.state !== 'fetching') return
  const { ledger, batch } = found
  const view = ledger.views.get(batch.peer.id)
  state.fetching.came(ledger, batch, event.bytes ?? null, event.count)
  if (!Number.isInteger(event.count) || event.count < 1 || event.count > batch.count) {
    state.fetching.discard(ledger, batch)
    if (view !== undefined) state.fetching.penalize(view, now, true)
  } else {
    state.fetching.verified(batch, event.count)
    ledger.batchEntries = Math.min(state.limits.batchEntries, ledger.batchEntries * 2)
    if (view !== undefined) {
      view.lastCode = null
      view.backoff.reset()
      view.askBackoff.reset()
      view.peer.backoff.reset()
    }
  }
  state.touch(ledger)
}

export function onBatchFailed(state: SyncState, event: EventOf<'batch-failed'>, now: number): void {
  const found = state.fetching.find(event.fetch)
  if (found?.batch.state !== 'fetching') return
  const { ledger, batch } = found
  state.fetching.remove(ledger, batch)
  state.touch(ledger)
  if (event.code === 'WRONG_NETWORK') return stop(state, ledger, 'WRONG_NETWORK', now)
  if (event.fault === 'peer') return banPeer(state, ledger, batch.peer.id, event.code, now)
  const view = ledger.views.get(batch.peer.id)
  if (view === undefined) return
  view.lastCode = event.code
  switch (event.code) {
    case 'OVERLOADED':
      view.peer.busyUntil = Math.max(
        view.peer.busyUntil,
        busyUntil(now, event.retryMs ?? state.limits.backoffBaseMs, state.limits)
      )
      return
    case 'NOT_FOUND':
      view.earliest = event.available?.earliest ?? 0
      view.size = event.available?.size ?? 0
      // The peer may only have heard of it so far; entries that it claims to have may be requested, but not at once.
      return view.backoff.fail(now, { ...state.limits, backoffBaseMs: state.limits.unavailableBaseMs }, state.random)
    case 'REFUSED':
      view.denied = true
      view.size = view.claimed = 0
      return
    default:
      state.fetching.penalize(view, now, TRANSPORT.has(event.code))
  }
}

/** Failures of the peer, not of the ledger. */
const TRANSPORT = new Set<ErrorCode>(['TIMEOUT', 'UNREACHABLE', 'CLOSED', 'OFFLINE'])

/** Also for entries from another source (the hello stream, the operator): then no batch waits under `fetch`. */
export function onStored(state: SyncState, event: EventOf<'stored'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  const found = state.fetching.find(event.fetch)
  if (found !== undefined && found.ledger === ledger) state.fetching.remove(ledger, found.batch)
  if (event.size > ledger.size) {
    ledger.size = event.size
    ledger.headHash = event.headHash
    ledger.progressAt = now
    ledger.dialBackoff.reset()
    state.fetching.discardWhere(ledger, (batch) => batch.from < event.size)
    confirm(state, ledger)
    checkEqualHeads(state, ledger, now)
  }
  ledger.storeFailedAt = null
  ledger.storeBackoff.reset()
  state.touch(ledger)
}

/** The size now equals an earlier head's: their hashes must be equal. */
function checkEqualHeads(state: SyncState, ledger: FollowedLedger, now: number): void {
  if (ledger.frozenAt !== null) return
  for (const view of ledger.views.values()) {
    if (view.claimed === ledger.size && view.hash !== ledger.headHash && !view.denied)
      searchFork(state, ledger, now, { peer: view.peer.id, before: ledger.size, forged: false })
  }
}

export function onStoreFailed(state: SyncState, event: EventOf<'store-failed'>, now: number): void {
  const found = state.fetching.find(event.fetch)
  if (found?.batch.state !== 'storing' || found.ledger.id !== event.ledger) return
  const { ledger, batch } = found
  state.fetching.remove(ledger, batch)
  state.touch(ledger)
  const verdict = verdictOf(event.code, 'store')
  if (verdict === 'drop') return banPeer(state, ledger, batch.peer.id, event.code, now)
  if (verdict === 'ours') {
    ledger.storeFailedAt ??= now
    ledger.storeBackoff.fail(now, state.limits, state.random)
    return
  }
  switch (event.code) {
    case 'BROKEN_LINK':
    case 'KEY_NOT_IN_FORCE':
      return suspect(state, ledger, batch, event.code, now)
    case 'WRONG_NETWORK':
    case 'TOO_MANY_KEYS':
      return stop(state, ledger, event.code, now)
    case 'QUOTA':
      return onPaused(state, { type: 'paused', ledger: ledger.id, code: 'QUOTA' }, now)
    // FROZEN: evidence was faster than this batch; its event says where to stop.
    default: {
      const view = ledger.views.get(batch.peer.id)
      if (view === undefined) return
      view.lastCode = event.code
      state.fetching.penalize(view, now, false)
    }
  }
}

/**
 * There is nothing to compare with a peer that left meanwhile, or below a first batch: then the peer is only not asked
 * for a while.
 */
function suspect(state: SyncState, ledger: FollowedLedger, batch: Batch, code: ErrorCode, now: number): void {
  state.fetching.discardWhere(ledger, (other) => other.peer === batch.peer)
  searchFork(state, ledger, now, { peer: batch.peer.id, before: batch.from, forged: code === 'KEY_NOT_IN_FORCE' })
}

function stop(state: SyncState, ledger: FollowedLedger, code: 'WRONG_NETWORK' | 'TOO_MANY_KEYS', now: number): void {
  ledger.fixed = { code, since: now }
  state.fetching.discardWhere(ledger, () => true)
}
