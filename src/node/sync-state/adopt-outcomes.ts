/** Notes entries whose copies the own ledger refused, in the sync state of the pull. */
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import type { EntryOutcome } from '../../sync/adopt/types.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import type { ExceptionBook } from './exception-book.js'

/** Limit of outcomes that wait to be noted; further ones are noted when their entry is processed again. */
const MAX_WAITING = 10_000

export interface AdoptOutcomesInit {
  book: ExceptionBook
  ledgers: Pick<Ledgers, 'get'>
  log: Log
}

export class AdoptOutcomes {
  readonly #init: AdoptOutcomesInit
  #waiting: EntryOutcome[] = []
  #noting: Promise<void> | null = null

  constructor(init: AdoptOutcomesInit) {
    this.#init = init
  }

  heard(outcome: EntryOutcome): void {
    // Entries that wait for payloads are in a separate list.
    if (outcome.outcome === 'waiting' || this.#waiting.push(outcome) > MAX_WAITING) return
    this.#noting ??= this.#note().finally(() => {
      this.#noting = null
    })
  }

  async idle(): Promise<void> {
    await this.#noting
  }

  async #note(): Promise<void> {
    while (this.#waiting.length > 0) {
      const outcomes = this.#waiting.slice(0, MAX_WAITING)
      this.#waiting = []
      try {
        for (const source of new Set(outcomes.map((outcome) => outcome.source)))
          await this.#noteOf(
            source,
            outcomes.filter((outcome) => outcome.source === source)
          )
      } catch (error) {
        this.#init.log.warn(
          { event: 'sync.outcomes-unnoted', error: (error as Error).message },
          'what became of adopted entries was not noted'
        )
      }
    }
  }

  async #noteOf(source: string, outcomes: readonly EntryOutcome[]): Promise<void> {
    const { book, ledgers, log } = this.#init
    const ledgerNumber = ledgers.get(source)?.ledgerNumber
    if (ledgerNumber === undefined) return
    const place: FlowPlace = { ledgerNumber, direction: 'inbound', remote: 0 }
    const { failed } = await book.counts(place)
    // Most entries are accepted, and have no earlier note.
    if (failed > 0)
      for (const { outcome, seq } of outcomes) if (outcome !== 'refused') await book.settle(place, seq, seq + 1)
    const left = await book.note(
      place,
      outcomes.flatMap((one) =>
        one.outcome === 'refused'
          ? [{ seq: one.seq, hash: one.hash, status: 'failed' as const, code: one.code, byHand: true }]
          : []
      )
    )
    if (left > 0)
      log.warn(
        { event: 'sync.too-many-refused', ledger: source },
        'more entries were refused than are listed one by one'
      )
  }
}
