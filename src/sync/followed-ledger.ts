import { BoundedMap } from '../core/bounded.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { Backoff } from './backoff.js'
import type { Batch } from './batch.js'
import type { SyncLimits } from './limits.js'
import type { Peer } from './peer-book.js'
import { PeerView } from './peer-view.js'
import type { Share } from './schedule/fair-shares.js'
import { DEFAULT_PRIORITY } from './schedule/limits.js'
import type { TokenBucket } from './schedule/token-bucket.js'
import type { StallCode } from './types.js'

/** Why a peer's history is searched for the place where it leaves ours. */
export interface Suspicion {
  /** It differs somewhere below this seq. */
  before: number
  /** It handed over entries by a key that is not the ledger's: without a fork to explain them, they are made up. */
  forged: boolean
}

/** What it waits for although somebody has what is missing, and until when, if that is known. */
export interface Waiting {
  code: 'QUEUED' | 'THROTTLED'
  until: number | null
}

/** Bytes of an entry, until some came. */
const FIRST_ENTRY_BYTES = 1024

/** What is below the evidence is still wanted, and what the own key signed. */
const PULLING = new Set<StallCode>(['RESTORING', 'FROZEN', 'KEY_FORK'])

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
  fixed: { code: StallCode; since: number } | null = null
  pausedAt: number | null = null
  /** By the clock, not by steady time; null: until somebody ends it. */
  pausedUntil: number | null = null
  pauseCode: 'PAUSED' | 'UNTRUSTED' | 'QUOTA' = 'PAUSED'
  /** Outside of its times since then; `next` by the clock, not by steady time. */
  closed: { since: number; next: number | null } | null = null
  priority = DEFAULT_PRIORITY
  share: Share | null = null
  bucket: TokenBucket | null = null
  waits: Waiting | null = null
  /** Until when its cap was last seen to hold it up. */
  cappedUntil = 0
  entryBytes = FIRST_ENTRY_BYTES
  /** Evidence: nothing at or above this seq is fetched. */
  frozenAt: number | null = null
  readonly storeBackoff = new Backoff()
  storeFailedAt: number | null = null
  missingPayloads = 0
  /** Since when some are missing without anybody having been asked for them; null: somebody was, in vain. */
  unaskedSince: number | null = null
  /** Last time that entries were stored, or waiting for them began. */
  progressAt: number
  /** Has anybody ever said how far it reaches? */
  heard = false
  /** Last time that somebody's head was ours. */
  confirmedAt: number | null = null
  /**
   * When it is again the turn of a peer to be asked about it: of one that has it, and of one that does not
   * (head-exchange.ts).
   */
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
  readonly #bans: BoundedMap<string, number>
  #left: { size: number; until: number } | null = null

  constructor(id: LedgerId, size: number, headHash: Hash | null, now: number, limits: SyncLimits) {
    this.id = id
    this.size = size
    this.headHash = headHash
    this.progressAt = now
    this.batchEntries = limits.batchEntries
    this.#bans = new BoundedMap(limits.remembered)
  }

  /**
   * Entries that there are according to the highest head anybody showed, at least those stored; after evidence: that
   * are undisputed.
   */
  target(now: number): number {
    let target = this.#left !== null && this.#left.until > now ? this.#left.size : 0
    for (const view of this.views.values()) target = Math.max(target, view.claimed)
    if (this.frozenAt !== null) target = Math.min(target, this.frozenAt)
    return Math.max(target, this.size)
  }

  /** So many payloads are missing. `asked`: those who have the ledger were just asked for them. */
  lack(payloads: number, asked: boolean, now: number): void {
    this.unaskedSince = asked ? null : this.missingPayloads === 0 ? now : this.unaskedSince
    this.missingPayloads = payloads
  }

  /**
   * Does it pull? Not while paused or outside of its times, nor in a state without return, nor when all that is
   * undisputed is stored.
   */
  get active(): boolean {
    return (
      this.pausedAt === null &&
      (this.closed === null || this.isExempt) &&
      this.#isLive &&
      (this.frozenAt === null || this.size < this.frozenAt)
    )
  }

  /** Is it in no state without return? */
  get #isLive(): boolean {
    return this.fixed === null || PULLING.has(this.fixed.code)
  }

  /** Neither its times nor caps, nor a want of slots, hold up the own ledger and what is below evidence. */
  get isExempt(): boolean {
    return this.fixed !== null && PULLING.has(this.fixed.code)
  }

  /**
   * Does it want to hear of heads? Also when it is frozen, paused, not trusted, or outside of its times: evidence comes
   * with them (I4).
   */
  get listens(): boolean {
    return this.#isLive || this.frozenAt !== null
  }

  /** The peer's view, made if there is room for it. A crowded ledger forgets the one that has least. */
  viewOf(peer: Peer, limits: SyncLimits): PeerView {
    let view = this.views.get(peer.id)
    if (view !== undefined) return view
    view = new PeerView(peer)
    this.views.set(peer.id, view)
    peer.ledgers.add(this.id)
    if (this.views.size > limits.peersPerLedger) {
      let least: PeerView | undefined
      for (const other of this.views.values()) {
        if (
          other !== view &&
          !this.forks.has(other.peer.id) &&
          !this.#isFetchingFrom(other.peer) &&
          (least === undefined || other.size < least.size)
        )
          least = other
      }
      if (least !== undefined) this.forget(least.peer)
    }
    return view
  }

  #isFetchingFrom(peer: Peer): boolean {
    for (const batch of this.batches.values()) if (batch.peer === peer) return true
    return false
  }

  forget(peer: Peer): void {
    if (this.views.delete(peer.id)) this.stopLooking()
    this.forks.delete(peer.id)
    if (this.forkPeer === peer.id) this.forkPeer = null
    peer.ledgers.delete(this.id)
    peer.waiting.delete(this.id)
  }

  /** A claim outlives its connection for a while: the entries exist, even if nobody is left to hand them over. */
  rememberClaim(size: number, now: number, limits: SyncLimits): void {
    if (size <= this.size) return
    if (this.#left === null || this.#left.until <= now || this.#left.size <= size)
      this.#left = { size, until: now + limits.claimMs }
  }

  /** The next time, it begins anew. */
  stopLooking(): void {
    this.lookAt = null
    this.lookReserved = false
    this.lookBackoff.reset()
  }

  ban(peer: string, now: number, limits: SyncLimits): void {
    this.#bans.set(peer, now + limits.banMs)
  }

  isBanned(peer: string, now: number): boolean {
    const until = this.#bans.get(peer)
    if (until === undefined) return false
    if (until > now) return true
    this.#bans.delete(peer)
    return false
  }

  hasBans(now: number): boolean {
    for (const until of this.#bans.values()) if (until > now) return true
    return false
  }

  /** The batch that is being stored. */
  get storing(): Batch | undefined {
    for (const batch of this.batches.values()) if (batch.state === 'storing') return batch
    return undefined
  }

  /** Is our head the newest one that a connected peer showed? Then that is when we last heard so. */
  confirm(): boolean {
    let confirmed = false
    for (const view of this.views.values()) {
      if (view.claimed !== this.size || view.hash !== this.headHash || view.denied) continue
      this.confirmedAt = Math.max(this.confirmedAt ?? 0, view.heardAt)
      confirmed = true
    }
    return confirmed
  }
}
