import type { FollowedLedger } from './followed-ledger.js'
import { banPeer, searchFork } from './fork-events.js'
import type { Peer } from './peer-book.js'
import { statusOf } from './stall-codes.js'
import type { SyncState } from './state.js'
import type { PeerHead, SyncEvent } from './types.js'

type EventOf<T extends SyncEvent['type']> = Extract<SyncEvent, { type: T }>

/** A peer's answer, or its unrequested notice. */
export function onHeads(state: SyncState, event: EventOf<'heads'>, now: number): void {
  const peer = state.peers.get(event.peer)
  if (peer === undefined) return
  for (const head of event.heads) {
    state.exchange.answered(peer, head.ledger)
    const ledger = state.ledgers.get(head.ledger)
    if (ledger !== undefined) hear(state, ledger, peer, head, now)
  }
  for (const id of event.none) {
    state.exchange.answered(peer, id)
    const ledger = state.ledgers.get(id)
    if (ledger !== undefined && ledger.views.has(peer.id)) forgetView(state, ledger, peer, now)
  }
  for (const id of event.denied) {
    state.exchange.answered(peer, id)
    const ledger = state.ledgers.get(id)
    if (ledger === undefined || ledger.isBanned(peer.id, now)) continue
    const view = ledger.viewOf(peer, state.limits)
    view.denied = true
    view.size = view.claimed = 0
    view.heardAt = now
    state.touch(ledger)
  }
  if (peer.asking.size === 0) state.touchPeer(peer)
}

export function onHeadsFailed(state: SyncState, event: EventOf<'heads-failed'>, now: number): void {
  const peer = state.peers.get(event.peer)
  if (peer === undefined) return
  state.exchange.failed(peer, event.ledgers, now, event.retryMs)
  if (event.fault === 'peer') {
    for (const id of event.ledgers) {
      const ledger = state.ledgers.get(id)
      if (ledger !== undefined) banPeer(state, ledger, peer.id, event.code ?? 'MALFORMED', now)
    }
  }
  state.touchPeer(peer)
}

/** A directory names a peer that is connected already: it is asked. */
export function onFound(state: SyncState, event: EventOf<'found'>): void {
  const ledger = state.ledgers.get(event.ledger)
  const peer = state.peers.get(event.peer)
  if (ledger === undefined || peer === undefined) return
  peer.toAsk.add(ledger.id)
  state.touchPeer(peer)
}

/** A request about a ledger shows that the asking peer has it, so that no search is needed. */
export function onAsked(state: SyncState, event: EventOf<'asked'>): void {
  const peer = state.peers.get(event.peer)
  if (peer === undefined) return
  for (const id of event.ledgers) {
    const ledger = state.ledgers.get(id)
    if (ledger === undefined || ledger.views.has(peer.id)) continue
    peer.toAsk.add(ledger.id)
    state.touchPeer(peer)
  }
}

/** Gossip is a hint: there is more, and its forwarder should be asked. */
export function onAnnounced(state: SyncState, { peer: id, head }: EventOf<'announced'>, now: number): void {
  const ledger = state.ledgers.get(head.ledger)
  const peer = state.peers.get(id)
  if (ledger === undefined) return
  if (peer !== undefined) hear(state, ledger, peer, head, now)
  else if (!ledger.isBanned(id, now) && isSize(head.size)) {
    noteTarget(state, ledger, now, () => ledger.rememberClaim(head.size, now, state.limits))
    state.touch(ledger)
  }
}

function hear(state: SyncState, ledger: FollowedLedger, peer: Peer, head: PeerHead, now: number): void {
  if (ledger.isBanned(peer.id, now) || !isSize(head.size)) return
  const claim = (): void => {
    const view = ledger.viewOf(peer, state.limits)
    // It has less than it claimed to know of: the entries exist nevertheless.
    if (view.claimed > head.size) ledger.rememberClaim(view.claimed, now, state.limits)
    view.claim(head.size, head.hash, now)
  }
  if (head.size > ledger.size) noteTarget(state, ledger, now, claim)
  else {
    claim()
    ledger.heard = true
  }
  if (head.size === ledger.size && ledger.frozenAt === null) {
    if (head.hash === ledger.headHash) confirm(state, ledger)
    else if (ledger.headHash !== null)
      searchFork(state, ledger, now, { peer: peer.id, before: head.size, forged: false })
  }
  state.touch(ledger)
}

/**
 * If there was nothing to wait for and now there is, the wait begins now; but changing claims do not restart it each
 * time.
 */
function noteTarget(state: SyncState, ledger: FollowedLedger, now: number, change: () => void): void {
  const known = ledger.target(now) > ledger.size
  const waited = ledger.heard && statusOf(ledger, now, null, state.limits).status === 'syncing'
  change()
  ledger.heard = true
  if (!known && !waited && ledger.target(now) > ledger.size) ledger.progressAt = now
}

/**
 * Also reported outside: how long others have had the same head decides which entries may be voided without the
 * operator (R1).
 */
export function confirm(state: SyncState, ledger: FollowedLedger): void {
  if (ledger.confirm()) state.emit({ type: 'confirmed', ledger: ledger.id })
}

function forgetView(state: SyncState, ledger: FollowedLedger, peer: Peer, now: number): void {
  state.fetching.discardWhere(ledger, (batch) => batch.peer === peer && batch.state === 'fetching')
  ledger.forget(peer)
  searchFork(state, ledger, now)
  state.touch(ledger)
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size > 0
}
