/** Records of one peer are relayed once in this many ms in the long run, */
const INTERVAL_MS = 10_000
/**
 * and this many at once: two nodes with one identity (R4) signal each other with records of one peer id, and must not
 * exhaust the limit for each other.
 */
const BURST = 4

/** How often the records of one peer may be relayed. */
export class RecordPace {
  /** The time (ms) at which the quota used so far is free again. */
  #paidAt = -Infinity

  mayPass(now: number): boolean {
    return this.#paidAt - now <= (BURST - 1) * INTERVAL_MS
  }

  passed(now: number): void {
    this.#paidAt = Math.max(this.#paidAt, now) + INTERVAL_MS
  }
}
