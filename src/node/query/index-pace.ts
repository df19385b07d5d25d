/**
 * How fast an index is built: appends are not to notice it. While there are any, it works a fiftieth of the time; in a
 * thread beside them a tenth, where there are few cores.
 */
import type { Pace } from '../../ledger/lmx1/stored-index.js'
import type { Clock } from '../../ports.js'

/** Time since the last append in which another one is expected, ms. */
const BUSY_MS = 250
/** How much longer than it works it rests then. */
const REST = 49
export const REST_OF_THREAD = 9

export class IndexPace {
  readonly #clock: Clock
  /** When an own entry was stored last. */
  #grewAt = Number.NEGATIVE_INFINITY
  #endRest: (() => void) | null = null
  #stopped = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Own entries were stored. */
  grew(): void {
    this.#grewAt = this.#clock.now()
  }

  of(isOver: () => boolean, rest = REST): Pace {
    let started = this.#clock.now()
    return {
      isOver,
      isBusy: () => this.#isBusy(),
      rest: async () => {
        if (this.#isBusy()) await this.#rest((this.#clock.now() - started) * rest)
        started = this.#clock.now()
      }
    }
  }

  /** Nobody rests any more. */
  stop(): void {
    this.#stopped = true
    this.#endRest?.()
  }

  #isBusy(): boolean {
    return this.#clock.now() - this.#grewAt < BUSY_MS
  }

  async #rest(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopped) return
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#endRest = () => {
        cancel()
        resolve()
      }
    })
  }
}
