import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { Backoff } from './backoff.js'
import type { Batch } from './batch.js'
import type { SyncLimits } from './limits.js'
import type { Peer } from './peer-book.js'
import { PeerView } from './peer-view.js'
import type { StallCode } from './types.js'

/** Why a peer's history is searched for the place where it leaves ours. */
export interface Suspicion {
  /** It differs somewhere below this seq. */
  before: number
  /** It handed over entries by a key that is not the ledger's: without a fork to explain them, they are made up. */
  forged: boolean
}

/** Everything that is known about the pull of one ledger. */
export class FollowedLedger {
  readonly id: LedgerId
  size: number
  headHash: Hash | null
  readonly views = new Map<string, PeerView>()
  /** In flight, or verified and waiting for their turn, by fetch id. */
  readonly batches = new Map<number, Batch>()
  /** Peers whose history differs from ours, and why; `forkPeer` is being searched since `forkSince`. */
  readonly forks = new Map<string, Suspicion>()
  forkPeer: string | null = null
  forkSince = 0
  /** A state that only an event from outside ends. */
  fixed: { code: StallCode, since: number } | null = null
  pausedAt: number | null = null
  pauseCode: 'PAUSED' | 'UNTRUSTED' = 'PAUSED'
  /** Evidence: nothing at or above this seq is fetched. */
  frozenAt: number | null = null
  readonly storeBackoff = new Backoff()
  storeFailedAt: number | null = null
  missingPayloads = 0
  /** Last time that entries were stored, or waiting for them began. */
  progressAt: number
  /** Has anybody ever said how far it reaches? */
  heard = false
  /** Last time that somebody's head was ours. */
  confirmedAt: number | null = null
  /** When it is again the turn of a peer to be asked about it: of one that has it, and of one that does not (head-exchange.ts). */
  readonly turns = { holder: 0, other: 0 }
  /** Entries in the next fetch: halved by slow fetches, doubled by good ones. */
  batchEntries: number
  readonly dialBackoff = new Backoff()
  dialAt: number | null = null
  /** Has `dialAt` as its place in the line of dials. */
  dialReserved = false
  /** When others who have it are looked up although all is well (dialing.ts). */
  readonly lookBackoff = new Backoff()
  lookAt: number | null = null
  /** Has `lookAt` as its place in the line of look-ups. */
  lookReserved = false
  readonly #bans = new Map<string, number>()
  #left: { size: number, until: number } | null = null

  constructor (id: LedgerId, size: number, headHash: Hash | null, now: number, limits: SyncLimits) {
    this.id = id
    this.size = size
    this.headHash = headHash
    this.progressAt = now
    this.batchEntries = limits.batchEntries
  }

  /** Entries that there are according to the highest head anybody showed, at least those stored; after evidence: that are undisputed. */
  target (now: number): number {
    let target = this.#left !== null && this.#left.until > now ? this.#left.size : 0
    for (const view of this.views.values()) target = Math.max(target, view.claimed)
    if (this.frozenAt !== null) target = Math.min(target, this.frozenAt)
    return Math.max(target, this.size)
  }

  /** Does it pull? Not while paused, nor in a state without return, nor when all that is undisputed is stored. */
  get active (): boolean {
    return this.pausedAt === null && (this.fixed === null || this.fixed.code === 'RESTORING' || this.fixed.code === 'FROZEN') &&
      (this.frozenAt === null || this.size < this.frozenAt)
  }

  /** Does it want to hear of heads? Also when it is frozen: evidence of an older fork comes with them (I4). */
  get listens (): boolean {
    return this.active || (this.pausedAt === null && this.frozenAt !== null)
  }

  /** The peer's view, made if there is room for it. A crowded ledger forgets the one that has least. */
  viewOf (peer: Peer, limits: SyncLimits): PeerView {
    let view = this.views.get(peer.id)
    if (view !== undefined) return view
    view = new PeerView(peer)
    this.views.set(peer.id, view)
    peer.ledgers.add(this)
    if (this.views.size > limits.peersPerLedger) {
      let least: PeerView | undefined
      for (const other of this.views.values()) {
        if (other !== view && !this.forks.has(other.peer.id) && !this.#isFetchingFrom(other.peer) && (least === undefined || other.size < least.size)) least = other
      }
      if (least !== undefined) this.forget(least.peer)
    }
    return view
  }

  #isFetchingFrom (peer: Peer): boolean {
    for (const batch of this.batches.values()) if (batch.peer === peer) return true
    return false
  }

  forget (peer: Peer): void {
    if (this.views.delete(peer.id)) this.stopLooking()
    this.forks.delete(peer.id)
    if (this.forkPeer === peer.id) this.forkPeer = null
    peer.ledgers.delete(this)
    peer.waiting.delete(this)
  }

  /** A claim outlives its connection for a while: the entries exist, even if nobody is left to hand them over. */
  rememberClaim (size: number, now: number, limits: SyncLimits): void {
    if (size <= this.size) return
    if (this.#left === null || this.#left.until <= now || this.#left.size <= size) this.#left = { size, until: now + limits.claimMs }
  }

  /** The next time, it begins anew. */
  stopLooking (): void {
    this.lookAt = null
    this.lookReserved = false
    this.lookBackoff.reset()
  }

  ban (peer: string, now: number, limits: SyncLimits): void {
    this.#bans.delete(peer)
    this.#bans.set(peer, now + limits.banMs)
    if (this.#bans.size > limits.remembered) this.#bans.delete(this.#bans.keys().next().value!)
  }

  isBanned (peer: string, now: number): boolean {
    const until = this.#bans.get(peer)
    if (until === undefined) return false
    if (until > now) return true
    this.#bans.delete(peer)
    return false
  }

  hasBans (now: number): boolean {
    for (const until of this.#bans.values()) if (until > now) return true
    return false
  }

  /** The batch that is being stored. */
  get storing (): Batch | undefined {
    for (const batch of this.batches.values()) if (batch.state === 'storing') return batch
    return undefined
  }

  /** Is our head the newest one that a connected peer showed? Then that is when we last heard so. */
  confirm (): void {
    for (const view of this.views.values()) {
      if (view.claimed === this.size && view.hash === this.headHash && !view.denied) this.confirmedAt = Math.max(this.confirmedAt ?? 0, view.heardAt)
    }
  }
}
