import { jitteredMs } from '../core/backoff.js'
import type { Random } from '../ports.js'

/** The part of the limits that a backoff reads. */
export interface BackoffLimits {
  backoffBaseMs: number
  backoffMaxMs: number
}

/** Exponential backoff with jitter: the delay doubles after each failure, and lies between half of it and all of it. */
export class Backoff {
  failures = 0
  /** Not before this time (ms since the epoch). */
  until = 0

  fail(now: number, limits: BackoffLimits, random: Random): void {
    this.until = Math.max(
      this.until,
      now + jitteredMs(this.failures++, { first: limits.backoffBaseMs, last: limits.backoffMaxMs }, random)
    )
  }

  /** Waits without having failed: being busy is never punished (I5). */
  wait(until: number): void {
    this.until = Math.max(this.until, until)
  }

  reset(): void {
    this.failures = 0
    this.until = 0
  }
}

/**
 * Being busy is never punished (I5): the peer is asked again at the time that it named, but at the latest after the
 * longest backoff.
 */
export function busyUntil(now: number, retryMs: number, limits: BackoffLimits): number {
  return now + Math.min(Math.max(retryMs, 1), limits.backoffMaxMs)
}
