import { CAP_BURST_MS } from './limits.js'

/**
 * A bandwidth cap. The size is known only after a transfer, so the bucket may be overdrawn: nothing more is begun until
 * the debt is paid.
 */
export class TokenBucket {
  readonly bytesPerSecond: number
  #tokens: number
  #at: number

  constructor(bytesPerSecond: number, now: number) {
    this.bytesPerSecond = bytesPerSecond
    this.#tokens = this.#most
    this.#at = now
  }

  /** Not before this time; in the past: now. */
  readyAt(now: number): number {
    this.#fill(now)
    return this.#tokens > 0 ? now : now + Math.ceil(((1 - this.#tokens) * 1000) / this.bytesPerSecond)
  }

  /** Negative: gives back what was taken in advance. */
  take(bytes: number, now: number): void {
    this.#fill(now)
    this.#tokens = Math.min(this.#most, this.#tokens - bytes)
  }

  get #most(): number {
    return (this.bytesPerSecond * CAP_BURST_MS) / 1000
  }

  #fill(now: number): void {
    if (now <= this.#at) return
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#at) * this.bytesPerSecond) / 1000)
    this.#at = now
  }
}
