/** The real clock and randomness, and a log that says nothing: the defaults of a library. */
import { randomBytes } from 'node:crypto'
import type { Clock, Log, Random } from '../ports.js'

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS))
    timer.unref()
    return () => { clearTimeout(timer) }
  }
}

/** setTimeout fires at once beyond this many milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  next: () => Math.random()
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
