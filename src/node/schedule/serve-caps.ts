/** Bandwidth caps for serving: for each remote, and for all together. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock } from '../../ports.js'
import { TokenBucket } from '../../sync/schedule/token-bucket.js'

export interface ServeCapsInit {
  clock: Clock
  /** For all together, in KiB/s; null: none. */
  nodeKiBps: number | null
  /** That of a remote; null: none. */
  remoteKiBps: (remote: LedgerId) => number | null
  /** The ledger whose node the peer is; null: not known. */
  remoteOf: (peer: string) => LedgerId | null
}

/** A whole reply is charged when it is sent; the next one waits until the cap allows it. */
export class ServeCaps {
  readonly #init: ServeCapsInit
  readonly #node: TokenBucket | null
  readonly #remotes = new Map<LedgerId, TokenBucket>()
  #sentBytes = 0
  #waitedMs = 0

  constructor(init: ServeCapsInit) {
    this.#init = init
    this.#node = init.nodeKiBps === null ? null : new TokenBucket(init.nodeKiBps * 1024, init.clock.now())
  }

  /** Bytes that went out. */
  get sentBytes(): number {
    return this.#sentBytes
  }
  /** ms for which peers were asked to wait. */
  get waitedMs(): number {
    return this.#waitedMs
  }

  /** ms until a range of the ledger may be served to the peer; 0: now. A peer never waits for its own ledger. */
  waitMs(peer: string, ledger: LedgerId): number {
    const now = this.#init.clock.now()
    const waitMs = Math.max(0, ...this.#buckets(peer, ledger, now).map((bucket) => bucket.readyAt(now) - now))
    this.#waitedMs += waitMs
    return waitMs
  }

  /** Called with the number of bytes sent. */
  sent(bytes: number): void {
    this.#sentBytes += bytes
  }

  /** Charges this many bytes; negative: returns them. */
  took(peer: string, ledger: LedgerId, bytes: number): void {
    const now = this.#init.clock.now()
    for (const bucket of this.#buckets(peer, ledger, now)) bucket.take(bytes, now)
  }

  #buckets(peer: string, ledger: LedgerId, now: number): TokenBucket[] {
    const remote = this.#init.remoteOf(peer)
    if (remote === ledger) return []
    const own = remote === null ? null : this.#bucketOf(remote, now)
    return [this.#node, own].filter((bucket) => bucket !== null)
  }

  #bucketOf(remote: LedgerId, now: number): TokenBucket | null {
    const kib = this.#init.remoteKiBps(remote)
    if (kib === null) {
      this.#remotes.delete(remote)
      return null
    }
    const known = this.#remotes.get(remote)
    if (known?.bytesPerSecond === kib * 1024) return known
    const made = new TokenBucket(kib * 1024, now)
    this.#remotes.set(remote, made)
    return made
  }
}
