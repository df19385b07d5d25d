/** Bytes in one unit of cost. */
export const UNIT_BYTES = 64 * 1024
/** Keys remembered before spent ones are swept out. */
const SWEEP_AT = 4096

export interface QuotaLimits {
  /** Units (64 KiB) that a key may use per second in the long run. */
  unitsPerSecond: number
  /** Units that a key which was idle may use at once. */
  burstUnits: number
}

/**
 * The generic cell rate algorithm: per key one number, the time at which all that was taken so far will have been paid for. It delays and
 * never refuses, so a quota turns a greedy peer into a slow one.
 */
export class Quota {
  readonly #msPerUnit: number
  readonly #burstMs: number
  readonly #paidAt = new Map<string, number>()
  #sweepAt = SWEEP_AT

  constructor (limits: QuotaLimits) {
    this.#msPerUnit = 1000 / limits.unitsPerSecond
    this.#burstMs = limits.burstUnits * this.#msPerUnit
  }

  /**
   * Takes `units` (fractions allowed) for `key` at `now` (ms): the milliseconds to wait before using them; 0 = at once. A wait of more than
   * `maxDelayMs` takes nothing.
   */
  take (key: string, units: number, now: number, maxDelayMs = Infinity): number {
    if (this.#paidAt.size >= this.#sweepAt) this.#sweep(now)
    const paidAt = Math.max(this.#paidAt.get(key) ?? now, now) + units * this.#msPerUnit
    const delayMs = Math.max(0, paidAt - now - this.#burstMs)
    if (delayMs <= maxDelayMs) this.#paidAt.set(key, paidAt)
    return delayMs
  }

  /** Keys that owe something. */
  get size (): number { return this.#paidAt.size }

  #sweep (now: number): void {
    for (const [key, paidAt] of this.#paidAt) if (paidAt <= now) this.#paidAt.delete(key)
    this.#sweepAt = Math.max(SWEEP_AT, this.#paidAt.size * 2) // a sweep that finds nothing must not be repeated at every call
  }
}
