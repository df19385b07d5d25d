import type { Random } from '../ports.js'
import { gaps, type Batch, type Piece } from './batch.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { Peer } from './peer-book.js'
import type { PeerView } from './peer-view.js'
import type { SyncEffect } from './types.js'

/**
 * Who is asked for which range. Ledgers take turns, one range each; a ledger whose peers are all occupied waits at those peers, so that
 * nobody is looked at in vain. Ranges are planned when there is a slot for them: a head at 2^53 costs nothing.
 */
export class Fetching {
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #emit: (effect: SyncEffect) => void
  readonly #owners = new Map<number, FollowedLedger>()
  readonly #queue = new Set<FollowedLedger>()
  readonly #freed = new Set<Peer>()
  #inFlight = 0
  #lastFetch = 0

  constructor (options: { limits: SyncLimits, random: Random, emit: (effect: SyncEffect) => void }) {
    this.#limits = options.limits
    this.#random = options.random
    this.#emit = options.emit
  }

  get inFlight (): number {
    return this.#inFlight
  }

  /** Batches in flight or waiting, of all ledgers. */
  get held (): number {
    return this.#owners.size
  }

  find (fetch: number): { ledger: FollowedLedger, batch: Batch } | undefined {
    const ledger = this.#owners.get(fetch)
    const batch = ledger?.batches.get(fetch)
    return ledger === undefined || batch === undefined ? undefined : { ledger, batch }
  }

  /** The ledger takes its turn. */
  enqueue (ledger: FollowedLedger): void {
    this.#queue.add(ledger)
  }

  verified (batch: Batch, count: number): void {
    this.#release(batch)
    batch.state = 'verified'
    batch.count = count
  }

  /** The batch is stored or failed. */
  remove (ledger: FollowedLedger, batch: Batch): void {
    if (batch.state === 'fetching') this.#release(batch)
    ledger.batches.delete(batch.fetch)
    this.#owners.delete(batch.fetch)
  }

  discard (ledger: FollowedLedger, batch: Batch): void {
    this.remove(ledger, batch)
    this.#emit({ type: 'discard', fetch: batch.fetch })
  }

  /** Discards what matches, except what is being stored: that cannot be stopped any more. */
  discardWhere (ledger: FollowedLedger, matches: (batch: Batch) => boolean): void {
    for (const batch of ledger.batches.values()) if (batch.state !== 'storing' && matches(batch)) this.discard(ledger, batch)
  }

  forget (ledger: FollowedLedger): void {
    this.#queue.delete(ledger)
  }

  /** Hands out slots; returns the ledgers that got one, or wait for one. */
  serve (now: number): Set<FollowedLedger> {
    const served = new Set<FollowedLedger>()
    while (this.#inFlight < this.#limits.fetchesTotal) {
      const ledger = this.#next()
      if (ledger === undefined) break
      served.add(ledger)
      if (this.#fetchOne(ledger, now)) this.#queue.add(ledger)
    }
    return served
  }

  /** The ranges that the ledger could ask for now, and what it waits for otherwise. */
  pieces (ledger: FollowedLedger, now: number): Iterable<Piece> {
    if (!ledger.active || ledger.storeFailedAt !== null && ledger.storeBackoff.until > now) return []
    const end = Math.min(ledger.target(now), ledger.size + this.#limits.batchesAhead * this.#limits.batchEntries)
    return gaps(ledger.batches.values(), ledger.size, end, ledger.batchEntries)
  }

  #next (): FollowedLedger | undefined {
    for (const peer of this.#freed) {
      const [waiting] = peer.waiting
      if (waiting === undefined || peer.inFlight >= this.#limits.fetchesPerPeer) {
        this.#freed.delete(peer)
        continue
      }
      peer.waiting.delete(waiting)
      return waiting
    }
    const [first] = this.#queue
    if (first !== undefined) this.#queue.delete(first)
    return first
  }

  /** False: nothing to fetch, or nobody free to ask. */
  #fetchOne (ledger: FollowedLedger, now: number): boolean {
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

  #choose (ledger: FollowedLedger, from: number, now: number): PeerView | undefined {
    let best: PeerView | undefined
    const occupied: Peer[] = []
    for (const view of ledger.views.values()) {
      if (!view.has(from) || view.suspect || view.readyAt() > now) continue
      if (view.peer.inFlight >= this.#limits.fetchesPerPeer) occupied.push(view.peer)
      else if (best === undefined || isBetter(view, best)) best = view
    }
    if (best === undefined) for (const peer of occupied) peer.waiting.add(ledger)
    return best
  }

  #fetch (ledger: FollowedLedger, view: PeerView, piece: Piece, now: number): void {
    const { peer } = view
    const fetch = ++this.#lastFetch
    const count = Math.min(piece.count, view.size - piece.from)
    ledger.batches.set(fetch, { fetch, peer, from: piece.from, count, state: 'fetching', since: now })
    this.#owners.set(fetch, ledger)
    view.served++
    peer.inFlight++
    this.#inFlight++
    this.#emit({ type: 'fetch-range', fetch, ledger: ledger.id, peer: peer.id, from: piece.from, count })
  }

  #release (batch: Batch): void {
    this.#inFlight--
    batch.peer.inFlight--
    this.#freed.add(batch.peer)
  }

  /** A failed fetch: the pair waits, and the peer itself unless the fault lies in this ledger alone. */
  penalize (view: PeerView, now: number, everywhere: boolean): void {
    view.backoff.fail(now, this.#limits, this.#random)
    if (everywhere) view.peer.backoff.fail(now, this.#limits, this.#random)
  }
}

/** The peer that failed least, then the least occupied one, then the one that was asked least. */
function isBetter (a: PeerView, b: PeerView): boolean {
  if (a.backoff.failures !== b.backoff.failures) return a.backoff.failures < b.backoff.failures
  if (a.peer.inFlight !== b.peer.inFlight) return a.peer.inFlight < b.peer.inFlight
  return a.served < b.served
}
