/**
 * A wall clock is set now and then. Set back by an hour, every deadline would be an hour further away; here time stands
 * still for that moment and goes on from there. Set forward (or after a sleep), all that is due is due.
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

  /** The same for who only asks. */
  peek(clock: number): number {
    return Math.max(clock + this.#ahead, this.#last)
  }

  /** What a clock that shows `clock` now shows at a steady time. */
  shown(steady: number, clock: number): number {
    return steady - this.peek(clock) + clock
  }
}
