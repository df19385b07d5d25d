/** Types only: what every layer may ask of its surroundings. Passed in as arguments, never imported as values. */

/** Time as milliseconds since the Unix epoch, and timers that a simulator can own. */
export interface Clock {
  now: () => number
  /** Runs `callback` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  after: (delayMs: number, callback: () => void) => () => void
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes: (length: number) => Uint8Array
  /** A number in [0, 1), for jitter. */
  next: () => number
}

type LogLine = (fields: Record<string, unknown>, message: string) => void

/** Structured log; the shape of pino's. */
export interface Log {
  debug: LogLine
  info: LogLine
  warn: LogLine
  error: LogLine
}
