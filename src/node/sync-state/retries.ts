/** Wakes when an exception is due for a retry, and reports the flows of due entries. */
import type { Clock, Log } from '../../ports.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import type { ExceptionBook } from './exception-book.js'

/** Entries per step; the rest follows at once. */
const BATCH = 1_024
/** Longest run of a timer, in ms; then it is set again. */
const MAX_TIMER_MS = 24 * 60 * 60_000

export interface RetriesInit {
  book: ExceptionBook
  clock: Clock
  log: Log
  again: (flow: FlowPlace) => void
}

export class Retries {
  readonly #init: RetriesInit
  #cancel: (() => void) | null = null
  #looking: Promise<void> | null = null
  #more = false
  #stopped = false

  constructor(init: RetriesInit) {
    this.#init = init
  }

  /** An entry may be due sooner than was known. */
  look(): void {
    if (this.#stopped) return
    this.#more = true
    this.#looking ??= this.#run().finally(() => {
      this.#looking = null
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await this.#looking
  }

  async #run(): Promise<void> {
    const { book, clock, log, again } = this.#init
    try {
      while (this.#more && !this.#stopped) {
        this.#more = false
        for (const flow of await book.takeDue(BATCH)) again(flow)
        const next = await book.nextDue()
        this.#cancel?.()
        if (next === null) continue
        this.#cancel = clock.after(Math.min(Math.max(0, next - clock.now()), MAX_TIMER_MS), () => {
          this.look()
        })
      }
    } catch (error) {
      log.warn({ event: 'push.retry-failed', error: (error as Error).message }, 'retries could not be scheduled')
    }
  }
}
