/**
 * A wall clock may be set. After setting it back by an hour, every deadline would be an hour further away; this time
 * only stands still for that moment, and continues. After setting it forward (or a sleep), due deadlines are due.
 */
export class SteadyTime {
  #last = -Infinity
  /** Steady time minus the clock's, ms. */
  #ahead = 0

  /** The steady time now; `clock`: what the clock shows. */
  at(clock: number): number {
    this.#ahead = Math.max(this.#ahead, this.#last - clock)
    return (this.#last = clock + this.#ahead)
  }

  /** The same without noting the time. */
  peek(clock: number): number {
    return Math.max(clock + this.#ahead, this.#last)
  }

  /** The clock's time at a steady time, for a clock that shows `clock` now. */
  shown(steady: number, clock: number): number {
    return steady - this.peek(clock) + clock
  }
}
