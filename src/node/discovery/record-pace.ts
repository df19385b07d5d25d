/** Records of one peer are passed on once in so many ms in the long run, */
const INTERVAL_MS = 10_000
/**
 * and so many at once: two nodes with one identity (R4) call each other with records of one peer id, and must not
 * starve each other here.
 */
const BURST = 4

/** How often the records of one peer may be passed on. */
export class RecordPace {
  /** When all that was passed on is paid for, ms. */
  #paidAt = -Infinity

  mayPass(now: number): boolean {
    return this.#paidAt - now <= (BURST - 1) * INTERVAL_MS
  }

  passed(now: number): void {
    this.#paidAt = Math.max(this.#paidAt, now) + INTERVAL_MS
  }
}
