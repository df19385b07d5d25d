/** The real clock and randomness, and a silent log: the defaults of a library. */
import { randomBytes } from 'node:crypto'
import type { Clock, Log, Metrics, Random } from '../../ports.js'

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS))
    timer.unref()
    return () => {
      clearTimeout(timer)
    }
  }
}

/** Milliseconds of a monotonic clock. */
export const systemSteady = (): number => performance.now()

/** setTimeout fires at once beyond this many milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Random bytes fetched at once: a fetch costs as much as a hash of an entry, whatever its length. */
const POOL_BYTES = 4096
let pool = Buffer.alloc(0)

export const systemRandom: Random = {
  bytes: (length) => {
    if (length > POOL_BYTES) return randomBytes(length)
    if (pool.length < length) pool = randomBytes(POOL_BYTES)
    const bytes = Buffer.from(pool.subarray(0, length)) // a copy: what is handed out is kept nowhere else
    pool.fill(0, 0, length)
    pool = pool.subarray(length)
    return bytes
  },
  next: () => Math.random()
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export const noMetrics: Metrics = {
  counter: () => () => {},
  gauge: () => () => {},
  histogram: () => () => {},
  collect: () => {}
}
