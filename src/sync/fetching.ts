import type { LedgerId } from '../core/ledger-id.js'
import type { Random } from '../ports.js'
import { gaps, type Batch, type Piece } from './batch.js'
import type { FollowedLedger, Waiting } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { Peer } from './peer-book.js'
import type { PeerView } from './peer-view.js'
import { Turns } from './turns.js'
import type { SyncEffect, Terms } from './types.js'

/**
 * Decides which peer is asked for which range. Ledgers take turns (turns.ts), one range each; a ledger whose peers are
 * all busy is queued at those peers, so that it is not checked in vain. Ranges are planned when there is a slot for
 * them: a head at 2^53 costs nothing.
 */
export class Fetching {
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #ledgers: ReadonlyMap<LedgerId, FollowedLedger>
  readonly #emit: (effect: SyncEffect) => void
  readonly #owners = new Map<number, FollowedLedger>()
  readonly #turns: Turns
  /** Ledgers that do not wait for others. */
  readonly #exempt = new Set<FollowedLedger>()
  readonly #freed = new Set<Peer>()
  /** The reason for which all queued ledgers wait. */
  readonly #line: Waiting = { code: 'QUEUED', until: null }
  #throttledUntil: number | null = null
  #throttledMs = 0
  /** The time of the current event. */
  #now = 0
  #inFlight = 0
  #lastFetch = 0

  constructor(options: {
    limits: SyncLimits
    random: Random
    ledgers: ReadonlyMap<LedgerId, FollowedLedger>
    emit: (effect: SyncEffect) => void
  }) {
    this.#limits = options.limits
    this.#random = options.random
    this.#ledgers = options.ledgers
    this.#emit = options.emit
    this.#turns = new Turns(options.limits)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Batches in flight or waiting, of all ledgers. */
  get held(): number {
    return this.#owners.size
  }

  find(fetch: number): { ledger: FollowedLedger; batch: Batch } | undefined {
    const ledger = this.#owners.get(fetch)
    const batch = ledger?.batches.get(fetch)
    return ledger === undefined || batch === undefined ? undefined : { ledger, batch }
  }

  /** Sets the time of the next event. */
  at(now: number): void {
    this.#now = now
  }

  setTerms(ledger: FollowedLedger, terms: Terms): void {
    this.#turns.setTerms(ledger, terms, this.#now)
  }

  /** The ledger takes its turn. */
  enqueue(ledger: FollowedLedger): void {
    ledger.waits = this.#line
    if (ledger.isExempt) this.#exempt.add(ledger)
    else this.#turns.add(ledger)
  }

  /** Until when its cap, or the node's, blocks fetches of it; null: not blocked. */
  cappedUntil(ledger: FollowedLedger, now: number): number | null {
    if (ledger.isExempt) return null
    const node = this.#turns.throttledUntil(now)
    const own = this.#turns.cappedUntil(ledger, now)
    return node === null || own === null ? (node ?? own) : Math.max(node, own)
  }

  /** Bytes that arrived outside of ranges. */
  charge(ledger: FollowedLedger, bytes: number): void {
    this.#turns.charge(ledger, bytes, this.#now)
  }

  /** The bytes received for a range, valid or not; null: not counted. */
  came(ledger: FollowedLedger, batch: Batch, bytes: number | null, count: number): void {
    this.#turns.end(ledger, batch.run, bytes ?? batch.run?.bytes ?? 0, count, this.#now)
    batch.run = null
  }

  verified(batch: Batch, count: number): void {
    this.#release(batch)
    batch.state = 'verified'
    batch.count = count
  }

  /** The batch is stored or failed. */
  remove(ledger: FollowedLedger, batch: Batch): void {
    if (batch.state === 'fetching') {
      this.#release(batch)
      this.came(ledger, batch, 0, 0)
    }
    ledger.batches.delete(batch.fetch)
    this.#owners.delete(batch.fetch)
  }

  discard(ledger: FollowedLedger, batch: Batch): void {
    this.remove(ledger, batch)
    this.#emit({ type: 'discard', fetch: batch.fetch })
  }

  /** Discards matching batches, except the one being stored, which cannot be stopped any more. */
  discardWhere(ledger: FollowedLedger, matches: (batch: Batch) => boolean): void {
    for (const batch of ledger.batches.values())
      if (batch.state !== 'storing' && matches(batch)) this.discard(ledger, batch)
  }

  /** It takes no turn now. */
  forget(ledger: FollowedLedger): void {
    this.#turns.remove(ledger)
    this.#exempt.delete(ledger)
    ledger.waits = null
  }

  /** It is no longer followed. */
  leave(ledger: FollowedLedger): void {
    this.forget(ledger)
    this.#turns.leave(ledger)
  }

  /** ms for which caps have delayed ranges: the node's cap counts once, however many ledgers wait. */
  get throttledMs(): number {
    return this.#throttledMs
  }

  /** Until when the node's bandwidth cap blocks queued ledgers; null: not blocked. */
  get throttledUntil(): number | null {
    return this.#throttledUntil
  }

  /** Assigns slots; returns the ledgers that got one, or wait for one. */
  serve(now: number): Set<FollowedLedger> {
    const served = new Set<FollowedLedger>()
    const { fetchesTotal, fetchesExempt } = this.#limits
    for (const ledger of this.#exempt) {
      if (this.#inFlight >= fetchesTotal + fetchesExempt) break
      this.#exempt.delete(ledger)
      this.#serveOne(ledger, now, served)
    }
    let until = this.#turns.throttledUntil(now)
    while (until === null && this.#inFlight < fetchesTotal) {
      const ledger = this.#next(now)
      if (ledger === undefined) break
      this.#serveOne(ledger, now, served)
      until = this.#turns.throttledUntil(now)
    }
    const held = this.#turns.size > 0 ? until : null
    if (held !== null && held > (this.#throttledUntil ?? now))
      this.#throttledMs += held - Math.max(now, this.#throttledUntil ?? now)
    this.#throttledUntil = held
    this.#line.code = until === null ? 'QUEUED' : 'THROTTLED'
    this.#line.until = until
    return served
  }

  #serveOne(ledger: FollowedLedger, now: number, served: Set<FollowedLedger>): void {
    served.add(ledger)
    ledger.waits = null
    const until = this.#turns.cappedUntil(ledger, now)
    if (until !== null) {
      this.#throttledMs += Math.max(0, until - Math.max(now, ledger.cappedUntil))
      ledger.cappedUntil = until
      ledger.waits = { code: 'THROTTLED', until }
    } else if (this.#fetchOne(ledger, now)) this.enqueue(ledger)
  }

  /** The ranges that the ledger could request now, or what it waits for. */
  pieces(ledger: FollowedLedger, now: number): Iterable<Piece> {
    if (!ledger.active || (ledger.storeFailedAt !== null && ledger.storeBackoff.until > now)) return []
    const end = Math.min(ledger.target(now), ledger.size + this.#limits.batchesAhead * this.#limits.batchEntries)
    return gaps(ledger.batches.values(), ledger.size, end, ledger.batchEntries)
  }

  /** Of the ledgers queued at a peer that has a slot now, the first joins the common queue. */
  #next(now: number): FollowedLedger | undefined {
    for (const peer of this.#freed) {
      const waiting = [...peer.waiting].flatMap((id) => this.#ledgers.get(id) ?? [])
      const first = peer.inFlight < this.#limits.fetchesPerPeer ? this.#turns.first(waiting, now) : undefined
      if (first === undefined) {
        this.#freed.delete(peer)
        continue
      }
      peer.waiting.delete(first.id)
      this.enqueue(first)
    }
    return this.#turns.next(now)
  }

  /** False: nothing to fetch, or no free peer. */
  #fetchOne(ledger: FollowedLedger, now: number): boolean {
    let headCovered = true
    for (const piece of this.pieces(ledger, now)) {
      const isNext = piece.from === ledger.size
      if (isNext) headCovered = false
      // One place is always left for the range that is next to be stored: the others wait for it.
      const room = headCovered ? this.#limits.batchesAhead : this.#limits.batchesAhead - 1
      if (!isNext && (ledger.batches.size >= room || this.#owners.size >= this.#limits.batchesHeld)) return false
      const view = this.#choose(ledger, piece.from, now)
      if (view !== undefined) {
        this.#fetch(ledger, view, piece, now)
        return true
      }
    }
    return false
  }

  #choose(ledger: FollowedLedger, from: number, now: number): PeerView | undefined {
    let best: PeerView | undefined
    const occupied: Peer[] = []
    for (const view of ledger.views.values()) {
      if (!view.has(from) || view.suspect || view.readyAt() > now) continue
      if (view.peer.inFlight >= this.#limits.fetchesPerPeer) occupied.push(view.peer)
      else if (best === undefined || isBetter(view, best)) best = view
    }
    if (best === undefined && occupied.length > 0) {
      for (const peer of occupied) peer.waiting.add(ledger.id)
      ledger.waits = OCCUPIED
    }
    return best
  }

  #fetch(ledger: FollowedLedger, view: PeerView, piece: Piece, now: number): void {
    const { peer } = view
    const fetch = ++this.#lastFetch
    const count = Math.min(piece.count, view.size - piece.from, this.#turns.entriesAtOnce(ledger))
    const run = this.#turns.begin(ledger, count, now)
    ledger.batches.set(fetch, { fetch, peer, from: piece.from, count, state: 'fetching', since: now, run })
    this.#owners.set(fetch, ledger)
    view.served++
    peer.inFlight++
    this.#inFlight++
    this.#emit({ type: 'fetch-range', fetch, ledger: ledger.id, peer: peer.id, from: piece.from, count })
  }

  #release(batch: Batch): void {
    this.#inFlight--
    batch.peer.inFlight--
    this.#freed.add(batch.peer)
  }

  /**
   * After a failed fetch the pair of ledger and peer waits, and the whole peer unless the fault is this ledger's alone.
   */
  penalize(view: PeerView, now: number, everywhere: boolean): void {
    view.backoff.fail(now, this.#limits, this.#random)
    if (everywhere) view.peer.backoff.fail(now, this.#limits, this.#random)
  }
}

/** All peers that have it have as many requests as allowed. */
const OCCUPIED: Waiting = { code: 'QUEUED', until: null }

/** The peer with the fewest failures, then the least busy one, then the least used one. */
function isBetter(a: PeerView, b: PeerView): boolean {
  if (a.backoff.failures !== b.backoff.failures) return a.backoff.failures < b.backoff.failures
  if (a.peer.inFlight !== b.peer.inFlight) return a.peer.inFlight < b.peer.inFlight
  return a.served < b.served
}
