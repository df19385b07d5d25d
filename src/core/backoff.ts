/** Waiting that grows: after each failure twice as long, with jitter. */

/** ms: after the first failure, and at most. */
export interface BackoffMs {
  first: number
  last: number
}

/** Where the jitter comes from: a number in [0, 1). */
interface Jitter {
  next: () => number
}

/** More failures in a row make no difference any more. */
const MAX_DOUBLINGS = 30

/** ms without jitter after so many earlier failures. */
export function growingMs(failures: number, { first, last }: BackoffMs): number {
  return Math.min(last, first * 2 ** Math.min(failures, MAX_DOUBLINGS))
}

/** ms between half and the whole of that. */
export function jitteredMs(failures: number, limits: BackoffMs, random: Jitter): number {
  const whole = growingMs(failures, limits)
  return Math.ceil(whole / 2 + (random.next() * whole) / 2)
}

/** Counts failures, and says how long to wait. */
export class Backoff {
  readonly #limits: BackoffMs
  readonly #random: Jitter
  #failures = 0

  constructor(limits: BackoffMs, random: Jitter) {
    this.#limits = limits
    this.#random = random
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures
  }

  /** ms to wait now; the next wait is longer. */
  next(): number {
    return jitteredMs(this.#failures++, this.#limits, this.#random)
  }

  /** It worked: the next wait is the first again. */
  reset(): void {
    this.#failures = 0
  }
}
