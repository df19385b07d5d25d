import type { Clock } from '../../ports.js'
import { SteadyTime } from '../../sync/steady-time.js'

/**
 * The clock for waits and quotas: it never goes back, so a corrected wall clock cannot lengthen a backoff or a quota.
 * Times that others read (records, entries) use the wall clock.
 */
export function forwardClock(clock: Clock): Clock {
  const time = new SteadyTime()
  return {
    now: () => time.at(clock.now()),
    after: (delayMs, callback) => clock.after(delayMs, callback)
  }
}
