/** When the own ledger's next index is due: many new entries make it so, or some and an hour. */
import type { Clock } from '../../ports.js'

/** New entries after which the next index is named at once, and those that wait for it an hour at most. */
export const MANY = 256
export const SOME = 32
export const SOME_MS = 60 * 60_000
/** Shortest time between two index entries, ms. */
export const PAUSE_MS = 10_000

export interface IndexCadenceInit {
  clock: Clock
  /** Entries that the own ledger has. */
  entries: () => number
  /** Called when an index is due. */
  wake: () => void
}

export class IndexCadence {
  readonly #init: IndexCadenceInit
  /** What the own ledger has named last, and when; null: not known yet. */
  #last: { size: number; at: number } | null = null
  #namedAt = Number.NEGATIVE_INFINITY
  #notBefore = Number.NEGATIVE_INFINITY
  #timer: { at: number; cancel: () => void } | null = null
  #stopped = false

  constructor(init: IndexCadenceInit) {
    this.#init = init
  }

  /** The newest index that the ledger names, found in it; null: none. */
  found(last: { size: number; timestamp: number } | null): void {
    const at = Math.min(last?.timestamp ?? Infinity, this.#last?.at ?? this.#init.clock.now())
    this.#last = { size: last?.size ?? 0, at }
  }

  /** One was named now. */
  named(size: number): void {
    const at = this.#init.clock.now()
    this.#namedAt = at
    this.#last = { size, at }
  }

  putOff(ms: number): void {
    this.#notBefore = this.#init.clock.now() + ms
  }

  get isPutOff(): boolean {
    return this.#init.clock.now() < this.#notBefore
  }

  get isDue(): boolean {
    return this.#dueAt() <= this.#init.clock.now()
  }

  /** Wakes when the next one is due. Called for every commit: it only looks at numbers. */
  schedule(): void {
    const { clock, wake } = this.#init
    const at = this.#dueAt()
    if (at === Infinity || this.#stopped) return
    if (at <= clock.now()) {
      wake()
      return
    }
    if (this.#timer !== null && this.#timer.at <= at) return
    this.#timer?.cancel()
    const cancel = clock.after(at - clock.now(), () => {
      this.#timer = null
      wake()
    })
    this.#timer = { at, cancel }
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** Infinity: not before more entries come. */
  #dueAt(): number {
    if (this.#last === null) return Number.NEGATIVE_INFINITY
    const fresh = this.#init.entries() - this.#last.size
    if (fresh < SOME) return Infinity
    const enough = fresh >= MANY ? Number.NEGATIVE_INFINITY : this.#last.at + SOME_MS
    return Math.max(enough, this.#namedAt + PAUSE_MS, this.#notBefore)
  }
}
