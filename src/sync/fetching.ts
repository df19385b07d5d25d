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
 * Who is asked for which range. Ledgers take turns (turns.ts), one range each; a ledger whose peers are all occupied
 * waits at those peers, so that nobody is looked at in vain. Ranges are planned when there is a slot for them: a head
 * at 2^53 costs nothing.
 */
export class Fetching {
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #ledgers: ReadonlyMap<LedgerId, FollowedLedger>
  readonly #emit: (effect: SyncEffect) => void
  readonly #owners = new Map<number, FollowedLedger>()
  readonly #turns: Turns
  /** Those that wait for nobody. */
  readonly #exempt = new Set<FollowedLedger>()
  readonly #freed = new Set<Peer>()
  /** What all who wait for their turn wait for. */
  readonly #line: Waiting = { code: 'QUEUED', until: null }
  #throttledUntil: number | null = null
  #throttledMs = 0
  /** When what is being handled happened. */
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

  /** What comes next happened then. */
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

  /** Until when its cap, or that of the node, lets nothing be fetched of it; null: they do. */
  cappedUntil(ledger: FollowedLedger, now: number): number | null {
    if (ledger.isExempt) return null
    const node = this.#turns.throttledUntil(now)
    const own = this.#turns.cappedUntil(ledger, now)
    return node === null || own === null ? (node ?? own) : Math.max(node, own)
  }

  /** Bytes that came another way than in a range. */
  charge(ledger: FollowedLedger, bytes: number): void {
    this.#turns.charge(ledger, bytes, this.#now)
  }

  /** What came for a range, whether it is good or not; null: nobody counted. */
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

  /** Discards what matches, except what is being stored: that cannot be stopped any more. */
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

  /** It is followed no longer. */
  leave(ledger: FollowedLedger): void {
    this.forget(ledger)
    this.#turns.leave(ledger)
  }

  /** ms for which caps have held up ranges: those of the node once, whoever waits. */
  get throttledMs(): number {
    return this.#throttledMs
  }

  /** Until when the node's cap of bandwidth holds up those that wait; null: it does not. */
  get throttledUntil(): number | null {
    return this.#throttledUntil
  }

  /** Hands out slots; returns the ledgers that got one, or wait for one. */
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

  /** The ranges that the ledger could ask for now, and what it waits for otherwise. */
  pieces(ledger: FollowedLedger, now: number): Iterable<Piece> {
    if (!ledger.active || (ledger.storeFailedAt !== null && ledger.storeBackoff.until > now)) return []
    const end = Math.min(ledger.target(now), ledger.size + this.#limits.batchesAhead * this.#limits.batchEntries)
    return gaps(ledger.batches.values(), ledger.size, end, ledger.batchEntries)
  }

  /** Of those who wait at a peer that has a slot now, the one that is first goes into the line with the others. */
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

  /** False: nothing to fetch, or nobody free to ask. */
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

  /** A failed fetch: the pair waits, and the peer itself unless the fault lies in this ledger alone. */
  penalize(view: PeerView, now: number, everywhere: boolean): void {
    view.backoff.fail(now, this.#limits, this.#random)
    if (everywhere) view.peer.backoff.fail(now, this.#limits, this.#random)
  }
}

/** All who have it are asked as much as they may be. */
const OCCUPIED: Waiting = { code: 'QUEUED', until: null }

/** The peer that failed least, then the least occupied one, then the one that was asked least. */
function isBetter(a: PeerView, b: PeerView): boolean {
  if (a.backoff.failures !== b.backoff.failures) return a.backoff.failures < b.backoff.failures
  if (a.peer.inFlight !== b.peer.inFlight) return a.peer.inFlight < b.peer.inFlight
  return a.served < b.served
}
