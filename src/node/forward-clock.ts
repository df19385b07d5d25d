import type { Clock } from '../ports.js'

/**
 * The clock for waiting and for what is owed: it never goes back. A wall clock that was ahead and is put right would otherwise leave every
 * deadline, every backoff and every quota as far in the future as it was wrong. What others read (records, entries) keeps to the wall clock.
 */
export function forwardClock (clock: Clock): Clock {
  let aheadMs = 0
  let last = -Infinity
  return {
    now: () => {
      const now = clock.now() + aheadMs
      if (now >= last) return last = now
      aheadMs += last - now
      return last
    },
    after: clock.after
  }
}
