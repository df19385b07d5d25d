/** Milliseconds in which a peer's count of rejected messages halves. */
const HALF_LIFE_MS = 10 * 60 * 1000
/** Peers remembered before the forgiven ones are swept out. */
const SWEEP_AT = 4096
/** A count below this is forgiven. */
const FORGIVEN = 0.05
/** A count above which a peer should be disconnected. */
const HOPELESS = 8

interface Count {
  value: number
  at: number
}

/**
 * Rejected gossip messages per peer, forgotten exponentially. gossipsub scores a Reject only in topics that had score
 * parameters when the node was made; ours come and go, so the count is the application-specific part of the score. The
 * square makes one offence cheap and repeated ones expensive: 1 → -10 (no gossip any more), 3 → -90 (graylisted, below
 * -80).
 */
export class RejectTally {
  readonly #counts = new Map<string, Count>()

  add(peer: string, now: number): void {
    if (this.#counts.size >= SWEEP_AT) this.#sweep(now)
    this.#counts.set(peer, { value: this.#value(peer, now) + 1, at: now })
  }

  /**
   * Does the peer offend too often for the gossip score alone? It goes on sending, and everything that it sends has to
   * be read.
   */
  isHopeless(peer: string, now: number): boolean {
    return this.#value(peer, now) >= HOPELESS
  }

  /** The application-specific score, to be weighted by 10: 0 or negative. */
  score(peer: string, now: number): number {
    const value = this.#value(peer, now)
    return value < FORGIVEN ? 0 : -(value ** 2)
  }

  #value(peer: string, now: number): number {
    const count = this.#counts.get(peer)
    return count === undefined ? 0 : count.value * 0.5 ** (Math.max(0, now - count.at) / HALF_LIFE_MS)
  }

  #sweep(now: number): void {
    for (const peer of this.#counts.keys()) if (this.#value(peer, now) < FORGIVEN) this.#counts.delete(peer)
  }
}
