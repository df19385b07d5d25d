import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock, Log } from '../ports.js'

export const LOAD_LEVELS = ['normal', 'busy', 'overloaded'] as const
export type LoadLevel = (typeof LOAD_LEVELS)[number]

/**
 * Delay of the event loop in milliseconds at which the node is busy, and overloaded. Peers are lost at 10 000 (an
 * unanswered ping).
 */
const BUSY_MS = 150
const OVERLOADED_MS = 750
/** Milliseconds between two checks. */
const LOOK_MS = 1_000
/** Milliseconds: the resolution of the measured delay, which is also the value for an idle loop. */
const RESOLUTION_MS = 20
/** Factor on all costs of a peer while this node is loaded: small requests wait no longer than before. */
const COST_FACTOR: Record<LoadLevel, number> = { normal: 1, busy: 4, overloaded: 16 }

/** The part of the load monitor that its users need. */
export interface Load {
  readonly level: LoadLevel
  /** Factor on every cost. */
  readonly costFactor: number
}

export const NO_LOAD: Load = { level: 'normal', costFactor: 1 }

/** Measures how late the event loop is. */
export interface DelayGauge {
  /** The 99th percentile since the last call, in ms. */
  sample: () => number
  stop: () => void
}

/** The process's own event loop. */
export function eventLoopDelay(): DelayGauge {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    sample: () => {
      const ms = Math.max(0, histogram.percentile(99) / 1e6 - RESOLUTION_MS)
      histogram.reset()
      return ms
    },
    stop: () => {
      histogram.disable()
    }
  }
}

/**
 * Measures how loaded this process is. One stall (a garbage collection, one long task) is no load: the level changes
 * when two checks agree.
 */
export class LoadMonitor implements Load {
  readonly #clock: Clock
  readonly #log: Log
  readonly #gauge: DelayGauge
  #level = 0
  #last = 0
  #delayMs = 0
  #cancel: () => void = () => {}
  readonly #waiting = new Set<() => void>()

  constructor(options: { clock: Clock; log: Log; gauge: DelayGauge }) {
    this.#clock = options.clock
    this.#log = options.log
    this.#gauge = options.gauge
  }

  get level(): LoadLevel {
    return LOAD_LEVELS[this.#level]!
  }

  get costFactor(): number {
    return COST_FACTOR[this.level]
  }

  /** The 99th percentile of the last check, in ms. */
  get delayMs(): number {
    return this.#delayMs
  }

  start(): void {
    this.#cancel = this.#clock.after(LOOK_MS, () => {
      this.look()
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
    this.#gauge.stop()
    this.#release()
  }

  look(): void {
    this.#delayMs = this.#gauge.sample()
    const now = this.#delayMs >= OVERLOADED_MS ? 2 : this.#delayMs >= BUSY_MS ? 1 : 0
    const before = this.#level
    this.#level = Math.max(Math.min(now, this.#last), Math.min(before, Math.max(now, this.#last)))
    this.#last = now
    if (this.#level === before) return
    this.#log.warn(
      { event: 'network.load-changed', load: this.level, delayMs: Math.round(this.#delayMs) },
      'the load level changed'
    )
    if (this.level !== 'overloaded') this.#release()
  }

  /** Resolves when this node is no longer overloaded, is stopped, or when the signal fires; never rejects. */
  async calm(signal: AbortSignal): Promise<void> {
    if (this.level !== 'overloaded' || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true }
    )
    await promise
    this.#waiting.delete(resolve)
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve()
  }
}
