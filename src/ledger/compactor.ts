import type { Log } from '../ports.js'
import { seqRange } from '../store/keys.js'
import type { Store } from '../store/store.js'

interface Span { from: number, to: number }

/** Rewrites the files that held erased payloads, one ledger at a time, in the background; requests meanwhile are joined. */
export class Compactor {
  readonly #store: Store
  readonly #log: Log
  readonly #spans = new Map<number, Span>()
  #running: Promise<void> | undefined

  constructor (store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Payloads from ≤ seq < to of ledger number `n` were deleted. */
  request (n: number, from: number, to: number): void {
    const span = this.#spans.get(n)
    this.#spans.set(n, span === undefined ? { from, to } : { from: Math.min(span.from, from), to: Math.max(span.to, to) })
    this.#running ??= this.#run()
  }

  /** Resolves when all requested ranges are rewritten. */
  async idle (): Promise<void> {
    await this.#running
  }

  async #run (): Promise<void> {
    await Promise.resolve()
    for (const [n, { from, to }] of this.#spans) {
      this.#spans.delete(n)
      try {
        await this.#store.compact(seqRange('payload', n, from, to))
      } catch (error) {
        this.#log.error({ err: error, n }, 'erased payloads could not be compacted; the next unclean start tries again')
      }
    }
    this.#running = undefined
  }
}
