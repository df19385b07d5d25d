import type { ErrorCode } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import { Backoff } from './backoff.js'
import type { Peer } from './peer-book.js'

/** What one connected peer has of one ledger, as far as is known. A peer that answered `none` has no view. */
export class PeerView {
  readonly peer: Peer
  /** Entries that it serves: [earliest, size). */
  earliest = 0
  size = 0
  /** Number of entries by the newest head that it showed; more than `size` after it could not send them. */
  claimed = 0
  /** The hash of entry `claimed - 1`. */
  hash: Hash | null = null
  heardAt = 0
  denied = false
  /** Its history differs from ours, a search for the fork is under way: nothing is fetched from it. */
  suspect = false
  /** Why the latest fetch failed; null after a good one. */
  lastCode: ErrorCode | null = null
  /** Counts fetches handed out, to spread them. */
  served = 0
  readonly backoff = new Backoff()
  /** The backoff of requests for its head out of turn. */
  readonly askBackoff = new Backoff()

  constructor(peer: Peer) {
    this.peer = peer
  }

  has(seq: number): boolean {
    return !this.denied && this.earliest <= seq && seq < this.size
  }

  /** When it may be asked again; in the past: now. */
  readyAt(): number {
    return Math.max(this.backoff.until, this.peer.backoff.until, this.peer.busyUntil)
  }

  /** A head that it showed: it knows of that many entries. */
  claim(size: number, hash: Hash, now: number): void {
    this.size = this.claimed = size
    this.hash = hash
    this.heardAt = now
    this.denied = false
  }
}
