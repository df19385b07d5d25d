/** Bytes in one unit of cost. */
export const UNIT_BYTES = 64 * 1024
/** Keys remembered before spent ones are swept out. */
const SWEEP_AT = 4096

export interface QuotaLimits {
  /** Units (64 KiB) that a key may use per second, averaged over a long time. */
  unitsPerSecond: number
  /** Units that a key which was idle may use at once. */
  burstUnits: number
}

/**
 * The generic cell rate algorithm: per key one number, the time at which all that was taken so far will have been paid
 * for. It delays and never refuses, so a quota turns a greedy peer into a slow one.
 */
export class Quota {
  readonly #msPerUnit: number
  readonly #burstMs: number
  readonly #paidAt = new Map<string, number>()
  #sweepAt = SWEEP_AT

  constructor(limits: QuotaLimits) {
    this.#msPerUnit = 1000 / limits.unitsPerSecond
    this.#burstMs = limits.burstUnits * this.#msPerUnit
  }

  /**
   * Takes `units` (fractions allowed) for `key` at `now` (ms): the milliseconds to wait before using them; 0 = at once.
   * A wait of more than `maxDelayMs` takes nothing.
   */
  take(key: string, units: number, now: number, maxDelayMs = Infinity): number {
    if (this.#paidAt.size >= this.#sweepAt) this.#sweep(now)
    const delayMs = this.delay(key, units, now)
    if (delayMs <= maxDelayMs) this.#paidAt.set(key, this.#paidOff(key, now) + units * this.#msPerUnit)
    return delayMs
  }

  /** The result that `take` would have; takes nothing. */
  delay(key: string, units: number, now: number): number {
    return Math.max(0, this.#paidOff(key, now) + units * this.#msPerUnit - now - this.#burstMs)
  }

  /** Keys that owe something. */
  get size(): number {
    return this.#paidAt.size
  }

  #paidOff(key: string, now: number): number {
    return Math.max(this.#paidAt.get(key) ?? now, now)
  }

  #sweep(now: number): void {
    for (const [key, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(key)
    // a sweep that finds nothing must not be repeated at every call
    this.#sweepAt = Math.max(SWEEP_AT, this.#paidAt.size * 2)
  }
}
