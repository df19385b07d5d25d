/**
 * What HTTP may take of the event loop. While the loop has time, all that is asked for; while it has none, less and less,
 * down to a small share: appends and the mesh use the same loop, and they go first. What HTTP costs is estimated by what
 * it sends, for nobody can tell whose work the loop did.
 */
import { performance, type EventLoopUtilization } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

/** How often it is looked at how busy the loop is, in ms. */
const WINDOW_MS = 100
/** A loop that works for more than this part of the time has none to give away. */
const BUSY = 0.6
/** The share of HTTP: at first, at least while others want all, and how it changes with each look. */
const FIRST_SHARE = 0.25
const LEAST_SHARE = 0.04
const LESS = 0.7
const MORE = 1.5
/** Estimated cost of an answer, in ms: of each, and of each KiB. */
const CALL_MS = 0.5
const KIB_MS = 0.03
/** The longest that anybody waits for a turn, in ms. */
const MAX_WAIT_MS = 2_000

export interface PaceInit {
  /** ms that only go up. */
  now?: () => number
  /** How much of the time since the look before the loop was busy, 0 to 1. */
  busy?: () => number
}

export class Pace {
  readonly #now: () => number
  readonly #busy: () => number
  #share = FIRST_SHARE
  #lookedAt: number
  /** When what was taken is paid for. */
  #paidAt = 0

  constructor({ now = () => performance.now(), busy = loopBusy() }: PaceInit = {}) {
    this.#now = now
    this.#busy = busy
    this.#lookedAt = now()
  }

  /** ms to wait before something is done. */
  get wait(): number {
    this.#look()
    return Math.min(Math.max(0, this.#paidAt - this.#now()), MAX_WAIT_MS)
  }

  /** Waits until it is the turn of HTTP. */
  async turn(): Promise<void> {
    const { wait } = this
    if (wait > 0) await delay(wait, undefined, { ref: false })
  }

  /** So many bytes were sent. */
  spent(bytes: number): void {
    const cost = CALL_MS + (bytes / 1024) * KIB_MS
    this.#paidAt = Math.max(this.#paidAt, this.#now()) + cost / this.#share - cost
  }

  #look(): void {
    const now = this.#now()
    if (now - this.#lookedAt < WINDOW_MS) return
    this.#lookedAt = now
    this.#share = this.#busy() > BUSY ? Math.max(LEAST_SHARE, this.#share * LESS) : Math.min(1, this.#share * MORE)
  }
}

function loopBusy(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}
