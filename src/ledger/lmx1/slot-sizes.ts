/** Which row of each slot is the newest: rows are never changed, each is of the index size at which it was written. */
import { SLOTS } from '../../store/index-keys.js'

export class SlotSizes {
  readonly #newest = new Float64Array(SLOTS)
  /** What slots that have changed since the last pin were then. */
  #was = new Map<number, number>()
  #pinned = 0

  /** 0: nothing is there. */
  of(slot: number, old: boolean): number {
    return (old ? this.#was.get(slot) : undefined) ?? this.#newest[slot]!
  }

  /** What is stored, while it is loaded. */
  start(slot: number, size: number): void {
    this.#newest[slot] = size
  }

  /** A newer row. Returns the size of a row that nobody can need any more; null: none. */
  grow(slot: number, size: number): number | null {
    const before = this.#newest[slot]!
    this.#newest[slot] = size
    if (before > this.#pinned) return before
    if (!this.#was.has(slot)) this.#was.set(slot, before)
    return null
  }

  /** Returns the rows that only the moment before could see. */
  pin(size: number): { slot: number; size: number }[] {
    const gone = [...this.#was].filter(([, was]) => was > 0).map(([slot, was]) => ({ slot, size: was }))
    this.#was = new Map()
    this.#pinned = size
    return gone
  }
}
