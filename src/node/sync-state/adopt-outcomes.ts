/** Notes entries whose copies the own ledger refused, in the sync state of the pull. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import type { EntryOutcome } from '../../sync/adopt/types.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import type { ExceptionBook } from './exception-book.js'

/**
 * Limit of outcomes that wait to be noted; further ones are noted when their entry is processed again. A group is noted
 * before the next one is begun (`hasRoom`), so that it takes a great many sources to reach it.
 */
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
  /** Sources of which a refusal found no room. */
  readonly #full = new Set<LedgerId>()

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

  /** Resolves when everything that was heard is noted. False: more refusals of this source find no room. */
  async hasRoom(source: LedgerId): Promise<boolean> {
    await this.idle()
    if (!this.#full.has(source)) return true
    const place = this.#placeOf(source)
    if (place !== null && (await this.#init.book.isFull(place))) return false
    this.#full.delete(source)
    return true
  }

  /** The source is gone through again: what was refused may be taken now, and makes room. */
  again(source: LedgerId): void {
    this.#full.delete(source)
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

  async #noteOf(source: LedgerId, outcomes: readonly EntryOutcome[]): Promise<void> {
    const { book, log } = this.#init
    const place = this.#placeOf(source)
    if (place === null) return
    const { failed } = await book.counts(place)
    // Most entries are accepted, and have no earlier note.
    if (failed > 0)
      await book.settleEach(
        place,
        outcomes.filter(({ outcome }) => outcome !== 'refused').map(({ seq }) => seq)
      )
    const left = await book.note(
      place,
      outcomes.flatMap((one) =>
        one.outcome === 'refused'
          ? [{ seq: one.seq, hash: one.hash, status: 'failed' as const, code: one.code, byHand: true }]
          : []
      )
    )
    if (left === 0 || this.#full.has(source)) return
    this.#full.add(source)
    log.warn(
      { event: 'sync.too-many-refused', ledger: source },
      'more entries were refused than are listed one by one; no more of this ledger are adopted'
    )
  }

  #placeOf(source: LedgerId): FlowPlace | null {
    const ledgerNumber = this.#init.ledgers.get(source)?.ledgerNumber
    return ledgerNumber === undefined ? null : { ledgerNumber, direction: 'inbound', remote: 0 }
  }
}
