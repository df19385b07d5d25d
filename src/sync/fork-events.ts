import type { ErrorCode } from '../core/errors.js'
import type { FollowedLedger, Suspicion } from './followed-ledger.js'
import type { SyncState } from './state.js'
import type { SyncEvent } from './types.js'

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { type: T }>

/**
 * A peer's history differs from ours: notes it, and searches one such peer at a time. Until that is settled nothing is
 * fetched from it.
 * Without `suspect`: goes on with the next one, if the search before has ended.
 */
export function searchFork(
  state: SyncState,
  ledger: FollowedLedger,
  now: number,
  suspect?: Suspicion & { peer: string }
): void {
  if (suspect !== undefined) {
    const view = ledger.views.get(suspect.peer)
    if (view === undefined || ledger.frozenAt !== null || ledger.forks.has(suspect.peer)) return
    view.suspect = true
    ledger.forks.set(suspect.peer, { before: suspect.before, forged: suspect.forged })
    state.fetching.discardWhere(ledger, (batch) => batch.peer.id === suspect.peer)
  }
  const [next] = ledger.forks
  if (next === undefined || ledger.forkPeer !== null) return
  ledger.forkPeer = next[0]
  ledger.forkSince = now
  state.emit({ type: 'find-fork', ledger: ledger.id, peer: next[0], before: next[1].before })
}

/** The search got no answer in time. */
export function dropForkSearch(state: SyncState, ledger: FollowedLedger, now: number): void {
  if (ledger.forkPeer !== null) endSearch(state, ledger, ledger.forkPeer, now)
}

export function onForkNotFound(state: SyncState, event: EventOf<'fork-not-found'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  const suspicion = ledger?.forks.get(event.peer)
  if (ledger === undefined || suspicion === undefined) return
  if (suspicion.forged) banPeer(state, ledger, event.peer, 'KEY_NOT_IN_FORCE', now)
  else if (event.fault === 'peer') banPeer(state, ledger, event.peer, 'BROKEN_LINK', now)
  else endSearch(state, ledger, event.peer, now)
}

function endSearch(state: SyncState, ledger: FollowedLedger, peer: string, now: number): void {
  ledger.forks.delete(peer)
  const view = ledger.views.get(peer)
  if (view !== undefined) {
    view.suspect = false
    view.lastCode = 'BROKEN_LINK'
    state.fetching.penalize(view, now, false)
  }
  if (ledger.forkPeer === peer) ledger.forkPeer = null
  searchFork(state, ledger, now)
  state.touch(ledger)
}

/** The ledger is frozen below the evidence (I4); what is not disputed may still be fetched, from anybody. */
export function onEvidence(state: SyncState, event: EventOf<'evidence'>, now: number): void {
  const ledger = state.ledgers.get(event.ledger)
  if (ledger === undefined) return
  const frozenAt = Math.min(ledger.frozenAt ?? Infinity, Math.max(0, event.size))
  ledger.frozenAt = frozenAt
  const code = event.keyFork === true ? 'KEY_FORK' : 'FROZEN'
  if (ledger.fixed?.code !== code) ledger.fixed = { code, since: now }
  state.exchange.frozen.add(ledger)
  state.fetching.discardWhere(ledger, (batch) => batch.from + batch.count > frozenAt)
  ledger.forks.clear()
  ledger.forkPeer = null
  for (const view of ledger.views.values()) view.suspect = false
  // A peer with more than the undisputed entries may show that a rotation retires the accused key (R1): it is asked
  // now, not in a minute.
  for (const peer of state.peers.all()) {
    peer.toAsk.add(ledger.id)
    state.touchPeer(peer)
  }
  state.touch(ledger)
}

/**
 * The peer sent data that it could have known to be wrong (I5): it is dropped, and not asked for this ledger for a
 * while. The pull continues with others.
 */
export function banPeer(state: SyncState, ledger: FollowedLedger, id: string, code: ErrorCode, now: number): void {
  ledger.ban(id, now, state.limits)
  state.fetching.discardWhere(ledger, (batch) => batch.peer.id === id)
  const peer = state.peers.get(id)
  if (peer !== undefined) ledger.forget(peer)
  state.emit({ type: 'drop', peer: id, ledger: ledger.id, code })
  searchFork(state, ledger, now)
  state.touch(ledger)
}
