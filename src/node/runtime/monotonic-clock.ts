import type { Clock } from '../../ports.js'
import { SteadyTime } from '../../sync/steady-time.js'

/**
 * The clock for waiting and for what is owed: it never goes back, so no backoff and no quota lasts as long as a wall
 * clock was wrong. What others read (records, entries) keeps to the wall clock.
 */
export function forwardClock(clock: Clock): Clock {
  const time = new SteadyTime()
  return {
    now: () => time.at(clock.now()),
    after: (delayMs, callback) => clock.after(delayMs, callback)
  }
}
