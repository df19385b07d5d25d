import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import { FairShares, type Run, type Share } from './schedule/fair-shares.js'
import { CAP_BATCH_MS } from './schedule/limits.js'
import { TokenBucket } from './schedule/token-bucket.js'
import type { Terms } from './types.js'

/**
 * Decides which ledger fetches next, and its cost: fair shares by priority, and bandwidth caps. Ledgers of one share
 * take turns.
 */
export class Turns {
  readonly #shares = new FairShares()
  readonly #node: TokenBucket | null
  readonly #waiting = new Map<Share, Set<FollowedLedger>>()
  #size = 0

  constructor({ bytesPerSecond }: Pick<SyncLimits, 'bytesPerSecond'>) {
    this.#node = bytesPerSecond === null ? null : new TokenBucket(bytesPerSecond, 0)
  }

  /** Ledgers that wait. */
  get size(): number {
    return this.#size
  }

  setTerms(ledger: FollowedLedger, { priority, share, bytesPerSecond }: Terms, now: number): void {
    const waited = this.remove(ledger)
    if (ledger.share !== null && ledger.share.name !== share) this.leave(ledger)
    ledger.share ??= this.#shares.join(share)
    ledger.priority = priority
    if (bytesPerSecond !== (ledger.bucket?.bytesPerSecond ?? null))
      ledger.bucket = bytesPerSecond === null ? null : new TokenBucket(bytesPerSecond, now)
    if (waited) this.add(ledger)
  }

  leave(ledger: FollowedLedger): void {
    this.remove(ledger)
    if (ledger.share !== null) this.#shares.leave(ledger.share)
    ledger.share = null
  }

  add(ledger: FollowedLedger): void {
    const { share } = ledger
    if (share === null) return
    let waiting = this.#waiting.get(share)
    if (waiting === undefined) {
      this.#waiting.set(share, (waiting = new Set()))
      this.#shares.wake(share)
    }
    if (!waiting.has(ledger)) this.#size++
    waiting.add(ledger)
  }

  /** Did it wait? */
  remove(ledger: FollowedLedger): boolean {
    const waiting = ledger.share === null ? undefined : this.#waiting.get(ledger.share)
    if (waiting?.delete(ledger) !== true) return false
    this.#size--
    if (waiting.size === 0) this.#waiting.delete(ledger.share!)
    return true
  }

  /** Removes and returns the next one. */
  next(now: number): FollowedLedger | undefined {
    let best: Set<FollowedLedger> | undefined
    let least = Infinity
    for (const [share, waiting] of this.#waiting) {
      // Running ranges only add to it.
      if (share.time >= least) continue
      const time = this.#shares.timeOf(share, now)
      if (time < least) [best, least] = [waiting, time]
    }
    if (best === undefined) return undefined
    const [first] = best
    this.remove(first!)
    return first
  }

  /** Of several, the one whose share is behind the others. */
  first(ledgers: Iterable<FollowedLedger>, now: number): FollowedLedger | undefined {
    let best: FollowedLedger | undefined
    let least = Infinity
    for (const ledger of ledgers) {
      const time = ledger.share === null ? Infinity : this.#shares.timeOf(ledger.share, now)
      if (time < least) [best, least] = [ledger, time]
    }
    return best
  }

  /** Until when the node's cap blocks all fetches; null: not blocked. */
  throttledUntil(now: number): number | null {
    return later(this.#node, now)
  }

  /** The same of its own cap. */
  cappedUntil(ledger: FollowedLedger, now: number): number | null {
    return ledger.isExempt ? null : later(ledger.bucket, now)
  }

  /** A range under a cap takes no longer than CAP_BATCH_MS of it: at most so many entries, one at least. */
  entriesAtOnce(ledger: FollowedLedger): number {
    if (ledger.isExempt) return Infinity
    const least = Math.min(ledger.bucket?.bytesPerSecond ?? Infinity, this.#node?.bytesPerSecond ?? Infinity)
    return Math.max(1, Math.floor((least * CAP_BATCH_MS) / 1000 / ledger.entryBytes))
  }

  /** A range is requested; its estimated size is charged. */
  begin(ledger: FollowedLedger, count: number, now: number): Run | null {
    if (ledger.isExempt || ledger.share === null) return null
    const run = this.#shares.begin(ledger.share, count * ledger.entryBytes, ledger.priority, now)
    this.#take(ledger, run.bytes, now)
    return run
  }

  /** The range arrived, with this many bytes in this many entries; or it failed, or is not wanted any more (0). */
  end(ledger: FollowedLedger, run: Run | null, bytes: number, count: number, now: number): void {
    if (run === null) return
    if (count > 0 && bytes > 0) ledger.entryBytes += (bytes / count - ledger.entryBytes) / 2
    this.#shares.end(run, bytes, now)
    this.#take(ledger, bytes - run.bytes, now)
  }

  /** Bytes that came another way. */
  charge(ledger: FollowedLedger, bytes: number, now: number): void {
    if (ledger.isExempt || ledger.share === null) return
    this.#shares.charge(ledger.share, bytes, ledger.priority)
    this.#take(ledger, bytes, now)
  }

  #take(ledger: FollowedLedger, bytes: number, now: number): void {
    ledger.bucket?.take(bytes, now)
    this.#node?.take(bytes, now)
  }
}

function later(bucket: TokenBucket | null, now: number): number | null {
  const at = bucket?.readyAt(now) ?? now
  return at > now ? at : null
}
