/** Which row of each slot is the newest: rows are never changed, each is of the index size at which it was written. */
import { SLOTS } from '../../store/index-keys.js'

export class SlotSizes {
  readonly #newest: Float64Array<ArrayBuffer>
  /** What slots that have changed since the last pin were then. */
  #was = new Map<number, number>()
  #pinned: number

  constructor(newest = new Float64Array(SLOTS), pinned = 0) {
    this.#newest = newest
    this.#pinned = pinned
  }

  copy(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#newest)
  }

  /** What was pinned last; 0: nothing. */
  get pinned(): number {
    return this.#pinned
  }

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
