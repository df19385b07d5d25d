/** Types only: what every layer may ask of its surroundings. Passed in as arguments, never imported as values. */

/** Time as milliseconds since the Unix epoch, and timers that a simulator can own. */
export interface Clock {
  now: () => number
  /** Runs `callback` once after `delayMs`; the returned function cancels it. Never keeps the process alive. */
  after: (delayMs: number, callback: () => void) => () => void
}

/** Randomness that a simulator can own. */
export interface Random {
  /** `length` unpredictable bytes. */
  bytes: (length: number) => Uint8Array
  /** A number in [0, 1), for jitter. */
  next: () => number
}

/**
 * What a log line carries. `event` is constant, `area.what-happened`: alerts and searches go by it, never by the
 * message. One key means one thing in every line: `ledger` and `peer` are ids, `error` is an Error or its message.
 */
export interface LogFields {
  event: string
  ledger?: string | null
  peer?: string
  code?: string
  error?: unknown
  [field: string]: unknown
}

type LogLine = (fields: LogFields, message: string) => void

/** Structured log; the shape of pino's. */
export interface Log {
  debug: LogLine
  info: LogLine
  warn: LogLine
  error: LogLine
}

/** Values of a family's labels. They come from tables of ours, never from a peer. */
export type MetricLabels = Readonly<Record<string, string>>

/** What is measured under one name. */
export interface MetricFamily {
  name: string
  help: string
  labels?: readonly string[]
  /** Of a histogram: upper bounds, in its unit. */
  buckets?: readonly number[]
}

/** Series of a family, and their values. */
export type MetricValues = Iterable<readonly [labels: MetricLabels, value: number]>

/** Where figures go; a family is told once. What a reader throws is logged, and its family left out. */
export interface Metrics {
  /** Adds; default 1. */
  counter: (family: MetricFamily) => (labels?: MetricLabels, by?: number) => void
  gauge: (family: MetricFamily) => (value: number, labels?: MetricLabels) => void
  histogram: (family: MetricFamily) => (value: number, labels?: MetricLabels) => void
  /** `read` is asked whenever somebody looks: nothing is kept up to date meanwhile. */
  collect: (kind: 'gauge' | 'counter', family: MetricFamily, read: () => MetricValues | Promise<MetricValues>) => void
}
