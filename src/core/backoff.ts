/** Exponential backoff: the delay doubles after each failure, with jitter. */

/** Delays in ms: after the first failure, and the longest. */
export interface BackoffMs {
  first: number
  last: number
}

/** Where the jitter comes from: a number in [0, 1). */
interface Jitter {
  next: () => number
}

/** Failures in a row beyond this number no longer change the delay. */
const MAX_DOUBLINGS = 30

/** Delay in ms, without jitter, after this many earlier failures. */
export function growingMs(failures: number, { first, last }: BackoffMs): number {
  return Math.min(last, first * 2 ** Math.min(failures, MAX_DOUBLINGS))
}

/** Delay in ms with jitter: between half of that and all of it. */
export function jitteredMs(failures: number, limits: BackoffMs, random: Jitter): number {
  const whole = growingMs(failures, limits)
  return Math.ceil(whole / 2 + (random.next() * whole) / 2)
}

/** Counts failures and computes the next delay. */
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

  /** The delay to wait now, in ms; the next one is longer. */
  next(): number {
    return jitteredMs(this.#failures++, this.#limits, this.#random)
  }

  /** Resets after a success: the next delay is the first one again. */
  reset(): void {
    this.#failures = 0
  }
}
