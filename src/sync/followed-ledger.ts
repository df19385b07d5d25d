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

/** Why a peer's history is searched for its first difference from ours. */
export interface Suspicion {
  /** It differs somewhere below this seq. */
  before: number
  /** It sent entries by a key that is not the ledger's: unless a fork explains them, they are made up. */
  forged: boolean
}

/** What it waits for although a peer has the missing entries, and until when, if that is known. */
export interface Waiting {
  code: 'QUEUED' | 'THROTTLED'
  until: number | null
}

/** Estimated bytes of an entry, until some arrived. */
const FIRST_ENTRY_BYTES = 1024

/** Entries below the evidence are still wanted, and entries that the own key signed. */
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
  /** A state that only an external event ends. */
  fixed: { code: StallCode; since: number } | null = null
  pausedAt: number | null = null
  /** By the clock, not by steady time; null: until it is ended by request. */
  pausedUntil: number | null = null
  pauseCode: 'PAUSED' | 'UNTRUSTED' | 'QUOTA' = 'PAUSED'
  /** Outside of its times since then; `next` by the clock, not by steady time. */
  closed: { since: number; next: number | null } | null = null
  priority = DEFAULT_PRIORITY
  share: Share | null = null
  bucket: TokenBucket | null = null
  waits: Waiting | null = null
  /** Until when its cap was last known to block it. */
  cappedUntil = 0
  entryBytes = FIRST_ENTRY_BYTES
  /** Evidence: nothing at or above this seq is fetched. */
  frozenAt: number | null = null
  readonly storeBackoff = new Backoff()
  storeFailedAt: number | null = null
  missingPayloads = 0
  /** Since when some are missing without a peer having been asked for them; null: peers were asked in vain. */
  unaskedSince: number | null = null
  /** Last time that entries were stored, or waiting for them began. */
  progressAt: number
  /** Has any peer ever shown its size? */
  heard = false
  /** Last time that a peer's head equalled ours. */
  confirmedAt: number | null = null
  /** When the next peer is asked about it: of those that have it, and of those that do not (head-exchange.ts). */
  readonly turns = { holder: 0, other: 0 }
  /** Entries in the next fetch: halved by slow fetches, doubled by good ones. */
  batchEntries: number
  readonly dialBackoff = new Backoff()
  dialAt: number | null = null
  /** Is it queued for a dial at `dialAt`? */
  dialReserved = false
  /** When further peers that have it are searched although it is synced (dialing.ts). */
  readonly lookBackoff = new Backoff()
  lookAt: number | null = null
  /** Is it queued for a search at `lookAt`? */
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

  /** Number of entries by the highest head shown, at least the stored ones; after evidence: of undisputed entries. */
  target(now: number): number {
    let target = this.#left !== null && this.#left.until > now ? this.#left.size : 0
    for (const view of this.views.values()) target = Math.max(target, view.claimed)
    if (this.frozenAt !== null) target = Math.min(target, this.frozenAt)
    return Math.max(target, this.size)
  }

  /** Sets the number of missing payloads. `asked`: peers that have the ledger were just asked for them. */
  lack(payloads: number, asked: boolean, now: number): void {
    this.unaskedSince = asked ? null : this.missingPayloads === 0 ? now : this.unaskedSince
    this.missingPayloads = payloads
  }

  /**
   * Does it pull? Not while paused or outside of its schedule, nor in a final state, nor when all undisputed entries
   * are stored.
   */
  get active(): boolean {
    return (
      this.pausedAt === null &&
      (this.closed === null || this.isExempt) &&
      this.#isLive &&
      (this.frozenAt === null || this.size < this.frozenAt)
    )
  }

  /** Is it in no final state? */
  get #isLive(): boolean {
    return this.fixed === null || PULLING.has(this.fixed.code)
  }

  /** Schedules, caps and lack of slots do not hold up the own ledger and entries below evidence. */
  get isExempt(): boolean {
    return this.fixed !== null && PULLING.has(this.fixed.code)
  }

  /**
   * Are heads requested? Also when it is frozen, paused, not trusted, or outside of its schedule, because evidence
   * comes with heads (I4).
   */
  get listens(): boolean {
    return this.#isLive || this.frozenAt !== null
  }

  /** The peer's view, created if there is room. A full ledger forgets the view with the fewest entries. */
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

  /** A claim outlives its connection for a while: the entries exist, even if no connected peer can send them. */
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

  /** If our head is the newest that connected peers showed: when this was last confirmed. */
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
