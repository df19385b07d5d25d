import type { Log } from '../../ports.js'
import { ledgerRange, seqOf, seqRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'

interface Span {
  from: number
  to: number
}

/**
 * Rewrites the files that held erased payloads, one ledger at a time, in the background; requests meanwhile are joined.
 */
export class Compactor {
  readonly #store: Store
  readonly #log: Log
  readonly #spans = new Map<number, Span>()
  #running: Promise<void> | undefined

  constructor(store: Store, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Payloads from ≤ seq < to of the ledger with this number were deleted. */
  request(ledgerNumber: number, from: number, to: number): void {
    const span = this.#spans.get(ledgerNumber)
    this.#spans.set(
      ledgerNumber,
      span === undefined ? { from, to } : { from: Math.min(span.from, from), to: Math.max(span.to, to) }
    )
    this.#running ??= this.#run()
  }

  /** After an unclean stop: erased payloads of the ledger with this number may still be in the files. */
  async requestAll(ledgerNumber: number): Promise<void> {
    const range = ledgerRange('erased', ledgerNumber)
    const [first] = await this.#store.keys({ ...range, limit: 1 })
    const [last] = await this.#store.keys({ ...range, limit: 1, reverse: true })
    if (first !== undefined && last !== undefined) this.request(ledgerNumber, seqOf(first), seqOf(last) + 1)
  }

  /** Resolves when all requested ranges are rewritten. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    for (const [ledgerNumber, { from, to }] of this.#spans) {
      this.#spans.delete(ledgerNumber)
      try {
        await this.#store.compact(seqRange('payload', ledgerNumber, from, to))
      } catch (error) {
        this.#log.error(
          { event: 'store.compaction-failed', error, ledgerNumber },
          'erased payloads could not be compacted; retried after the next unclean stop'
        )
      }
    }
    this.#running = undefined
  }
}
