/** The decider (DESIGN §4): events in, effects out. No clock, disk or network; randomness is injected, for jitter. */
import type { LedgerId } from '../core/ledger-id.js'
import type { Random } from '../ports.js'
import { Deadlines } from './deadlines.js'
import { Dialing } from './dialing.js'
import { Fetching } from './fetching.js'
import { FollowedLedger } from './followed-ledger.js'
import { HeadExchange } from './head-exchange.js'
import type { SyncState } from './state.js'
import { DEFAULT_LIMITS, type SyncLimits } from './limits.js'
import { PeerBook, type Peer } from './peer-book.js'
import { onBatchFailed, onBatchVerified, onStored, onStoreFailed } from './batch-events.js'
import { onEvidence, onForkNotFound, searchFork } from './fork-events.js'
import { onAnnounced, onAsked, onFound, onHeads, onHeadsFailed } from './head-events.js'
import {
  onClosed,
  onFollowed,
  onOpened,
  onPaused,
  onPullRequested,
  onResumed,
  onTerms,
  onUnfollowed
} from './follow-events.js'
import { nextDeadline, advance } from './advance.js'
import { statusOf } from './stall-codes.js'
import { SteadyTime } from './steady-time.js'
import type { SyncEffect, SyncEvent, SyncStatus } from './types.js'

/** Details of one ledger in `sync.status`, beside its status. */
export interface SyncDetails {
  ledger: LedgerId
  size: number
  /** Number of entries by the highest signed head. */
  target: number
  /** When a peer last showed our head as its newest, ms since the epoch. */
  confirmedAt: number | null
  inFlight: number
  waiting: number
  peers: { peer: string; size: number; claimed: number; denied: boolean; failures: number; lastCode: string | null }[]
}

export class Sync {
  readonly #state: SyncState
  readonly #dialing: Dialing
  readonly #deadlines = new Deadlines()
  readonly #touched = new Set<FollowedLedger>()
  readonly #touchedPeers = new Set<Peer>()
  readonly #nextLook = new WeakMap<FollowedLedger, number>()
  readonly #time = new SteadyTime()
  #effects: SyncEffect[] = []
  #wakeAt: number | null = null

  constructor(options: { random: Random; limits?: Partial<SyncLimits> }) {
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const ledgers = new Map<LedgerId, FollowedLedger>()
    const peers = new PeerBook(limits)
    const emit = (effect: SyncEffect): void => {
      this.#effects.push(effect)
    }
    const shared = { limits, random: options.random, ledgers, peers, emit }
    const touchPeer = (peer: Peer): void => {
      this.#touchedPeers.add(peer)
    }
    this.#dialing = new Dialing({ ...shared, touchPeer })
    this.#state = {
      ...shared,
      fetching: new Fetching(shared),
      exchange: new HeadExchange(shared),
      touch: (ledger) => this.#touched.add(ledger),
      touchPeer
    }
  }

  /**
   * `clock` in ms since the epoch; it may be set back. Effects are to be run in their order. Events that no longer
   * apply (an answer to what was discarded) change nothing.
   */
  handle(event: SyncEvent, clock: number): SyncEffect[] {
    const now = this.#time.at(clock)
    this.#effects = []
    this.#state.fetching.at(now)
    this.#apply(event, now)
    this.#finish(now, clock)
    return this.#effects
  }

  /** Null: not followed. */
  status(ledger: LedgerId, clock: number): SyncStatus | null {
    const followed = this.#state.ledgers.get(ledger)
    if (followed === undefined) return null
    const status = statusOf(followed, this.#time.peek(clock), this.#nextLook.get(followed) ?? null, this.#state.limits)
    if (status.status !== 'stalled') return status
    // A schedule and a pause go by the clock.
    if (status.code === 'SCHEDULED' || status.code === 'PAUSED')
      return { ...status, since: this.#time.shown(status.since, clock) }
    return {
      ...status,
      since: this.#time.shown(status.since, clock),
      next: status.next === null ? null : Math.max(clock, this.#time.shown(status.next, clock))
    }
  }

  /** Until when a bandwidth cap blocks its fetches, ms since the epoch; null: none does. */
  throttledUntil(ledger: LedgerId, clock: number): number | null {
    const followed = this.#state.ledgers.get(ledger)
    const now = this.#time.peek(clock)
    const until = followed === undefined ? null : this.#state.fetching.cappedUntil(followed, now)
    return until === null ? null : this.#time.shown(until, clock)
  }

  /** ms for which bandwidth caps have delayed ranges. */
  get throttledMs(): number {
    return this.#state.fetching.throttledMs
  }

  /** The followed ledgers. */
  list(): LedgerId[] {
    return [...this.#state.ledgers.keys()]
  }

  /** Null: not followed. */
  details(ledger: LedgerId, clock: number): SyncDetails | null {
    const followed = this.#state.ledgers.get(ledger)
    if (followed === undefined) return null
    const batches = [...followed.batches.values()]
    const inFlight = batches.filter(({ state }) => state === 'fetching').length
    return {
      ledger,
      size: followed.size,
      target: followed.target(this.#time.peek(clock)),
      confirmedAt: followed.confirmedAt === null ? null : this.#time.shown(followed.confirmedAt, clock),
      inFlight,
      waiting: batches.length - inFlight,
      peers: [...followed.views.values()].map(({ peer, size, claimed, denied, backoff, lastCode }) => ({
        peer: peer.id,
        size,
        claimed,
        denied,
        failures: backoff.failures,
        lastCode
      }))
    }
  }

  #apply(event: SyncEvent, now: number): void {
    const state = this.#state
    switch (event.type) {
      case 'tick':
        return this.#tick(now)
      case 'connected':
        return this.#connected(event.peer, now)
      case 'disconnected':
        return this.#disconnected(event.peer, now)
      case 'followed':
        return onFollowed(state, event, now)
      case 'unfollowed':
        return this.#unfollowed(event.ledger)
      case 'paused':
        return onPaused(state, event, now)
      case 'terms':
        return onTerms(state, event)
      case 'closed':
        return onClosed(state, event, now)
      case 'opened':
        return onOpened(state, event, now)
      case 'payloads-fetched':
        return this.#with(event.ledger, (ledger) => {
          state.fetching.charge(ledger, event.bytes)
        })
      case 'resumed':
        return onResumed(state, event, now)
      case 'pull-requested':
        return onPullRequested(state, event, now)
      case 'payloads-missing':
        return this.#with(event.ledger, (ledger) => {
          ledger.lack(event.missing, event.asked, now)
        })
      case 'found':
        return onFound(state, event)
      case 'heads':
        return onHeads(state, event, now)
      case 'heads-failed':
        return onHeadsFailed(state, event, now)
      case 'asked':
        return onAsked(state, event)
      case 'announced':
        return onAnnounced(state, event, now)
      case 'batch-verified':
        return onBatchVerified(state, event, now)
      case 'batch-failed':
        return onBatchFailed(state, event, now)
      case 'stored':
        return onStored(state, event, now)
      case 'store-failed':
        return onStoreFailed(state, event, now)
      case 'evidence':
        return onEvidence(state, event, now)
      case 'fork-not-found':
        return onForkNotFound(state, event, now)
    }
  }

  #with(id: LedgerId, change: (ledger: FollowedLedger) => void): void {
    const ledger = this.#state.ledgers.get(id)
    if (ledger === undefined) return
    change(ledger)
    this.#touched.add(ledger)
  }

  #tick(now: number): void {
    // By this clock a timer may fire too early: then it is set again.
    this.#wakeAt = null
    for (const key of this.#deadlines.due(now)) {
      const id = key.slice(1)
      if (key.startsWith(LEDGER)) this.#with(id, () => {})
      // `serve` checks the queue after every event.
      if (key === SLOTS) continue
      const peer = key.startsWith(PEER) ? this.#state.peers.get(id) : undefined
      if (peer !== undefined) this.#touchedPeers.add(peer)
    }
  }

  #connected(id: string, now: number): void {
    if (this.#state.peers.get(id) !== undefined) return
    const peer = this.#state.peers.connect(id)
    this.#state.exchange.connected(peer, now)
    this.#touchedPeers.add(peer)
  }

  #disconnected(id: string, now: number): void {
    const { peers, fetching, limits } = this.#state
    const peer = peers.get(id)
    if (peer === undefined) return
    peers.disconnect(peer)
    this.#deadlines.set(PEER + id, null)
    for (const ledgerId of peer.ledgers) {
      const ledger = this.#state.ledgers.get(ledgerId)
      if (ledger === undefined) continue
      const view = ledger.views.get(id)
      if (view !== undefined) ledger.rememberClaim(view.claimed, now, limits)
      fetching.discardWhere(ledger, (batch) => batch.peer === peer && batch.state === 'fetching')
      ledger.forget(peer)
      searchFork(this.#state, ledger, now)
      this.#touched.add(ledger)
    }
  }

  #unfollowed(id: LedgerId): void {
    const ledger = this.#state.ledgers.get(id)
    if (ledger === undefined) return
    onUnfollowed(this.#state, ledger)
    this.#touched.delete(ledger)
    this.#deadlines.set(LEDGER + id, null)
  }

  /** Everything that follows from the change: what to store, which peers to ask, when to check again. */
  #finish(now: number, clock: number): void {
    const state = this.#state
    for (const ledger of this.#touched) advance(state, ledger, now)
    for (const ledger of state.fetching.serve(now)) this.#touched.add(ledger)
    this.#deadlines.set(SLOTS, state.fetching.throttledUntil)
    for (const ledger of this.#touched) {
      this.#dialing.turn(ledger, now)
      const at = nextDeadline(state, ledger, now)
      if (at !== null) this.#nextLook.set(ledger, at)
      this.#deadlines.set(LEDGER + ledger.id, at)
    }
    this.#touched.clear()
    for (const peer of this.#touchedPeers) {
      if (state.peers.get(peer.id) === peer) this.#deadlines.set(PEER + peer.id, state.exchange.turn(peer, now))
    }
    this.#touchedPeers.clear()
    const next = this.#deadlines.next()
    if (next !== null && next !== this.#wakeAt) {
      this.#wakeAt = next
      state.emit({ type: 'wake-at', at: this.#time.shown(next, clock) })
    }
  }
}

const LEDGER = 'l'
const PEER = 'p'
/** When the node's cap of bandwidth lets more be fetched. */
const SLOTS = 's'
