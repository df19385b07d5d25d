/** The operator's commands for adoption, and its state. */
import { adviceFor } from '../../core/advice.js'
import { LedgermeshError, type Surface } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import { MAX_LIST } from '../../core/limits.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import { ADOPT_SENTENCES } from '../../sync/adopt/codes.js'
import { dayAt } from '../../sync/adopt/decide.js'
import { areReadersWithin } from '../../sync/adopt/readers.js'
import { newRow } from '../../sync/adopt/tally.js'
import type { AdoptSettings, EntryOutcome, Outcome } from '../../sync/adopt/types.js'
import type { AdoptionReport, AdoptOptions, CopiesChoice } from '../api/adopt.js'
import type { Follows } from '../replication/follows.js'
import { WaitUntil } from '../replication/wait-until.js'
import type { Adopter } from './adopter.js'
import type { StoredAdoptions } from './adoption-book.js'

const OPTIONS: Members<AdoptOptions> = { filters: true, from: true, acceptReaders: true }

export interface AdoptControlInit {
  ledgers: Ledgers
  follows: Follows
  book: StoredAdoptions
  adopter: Adopter
  clock: Clock
  surface: Surface
  /** Throws INVALID_PARAMS. */
  readFilters: (given: SyncFilters) => SyncFilters
}

export class AdoptControl {
  readonly #init: AdoptControlInit
  readonly #settling: WaitUntil
  readonly #end: () => void

  constructor(init: AdoptControlInit) {
    this.#init = init
    this.#settling = new WaitUntil(init.clock)
    this.#end = init.adopter.onChange(() => {
      this.#settling.look()
    })
  }

  stop(): void {
    this.#end()
    this.#settling.stop()
  }

  /**
   * Checks the options; to be called before the ledger is followed. Throws INVALID_PARAMS, PRIVATE_INTO_PUBLIC,
   * READERS_WIDER.
   */
  check(id: LedgerId, given: AdoptOptions | undefined): AdoptSettings {
    const { filters, from = 0, acceptReaders = false } = readOptions(given, OPTIONS)
    if (from !== 'now' && !isInteger(from, Number.MAX_SAFE_INTEGER))
      throw new LedgermeshError('INVALID_PARAMS', 'from is a seq, or now')
    if (typeof acceptReaders !== 'boolean')
      throw new LedgermeshError('INVALID_PARAMS', 'acceptReaders is true or false')
    const { own } = this.#init.ledgers
    if (id === own.id) throw new LedgermeshError('INVALID_PARAMS', 'the own ledger is not adopted')
    const source = this.#init.ledgers.get(id)
    // For a ledger that is not held yet this is checked again with each group of copies.
    if (source?.chain?.access === 'private') {
      if (own.chain?.access === 'public')
        throw new LedgermeshError('PRIVATE_INTO_PUBLIC', `${id} is private, and the own ledger is public`)
      if (!acceptReaders && !areReadersWithin(own.access, source.access, id))
        throw new LedgermeshError(
          'READERS_WIDER',
          `the own ledger has readers that may not read ${id}; the copies would name it to them, too`
        )
    }
    return { filters: filters === undefined ? null : this.#init.readFilters(filters), from, acceptReaders }
  }

  /** Throws NOT_FOLLOWED, INVALID_PARAMS for a follow of headers alone. */
  async adopt(ledger: Ledger, adopt: AdoptSettings): Promise<void> {
    const { follows } = this.#init
    const settings = follows.get(ledger.id)
    if (settings === null) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    if (settings.filters === 'headers')
      throw new LedgermeshError('INVALID_PARAMS', 'it is followed by its headers alone: there are no payloads to adopt')
    await follows.save(ledger, { ...settings, adopt })
  }

  /** Throws NOT_FOLLOWED. */
  async end(ledger: Ledger, copies: CopiesChoice): Promise<void> {
    const { follows } = this.#init
    const settings = follows.get(ledger.id)
    if (settings === null) throw new LedgermeshError('NOT_FOLLOWED', `${ledger.id} is not followed`)
    const { adopt: _ended, ...rest } = settings
    await follows.save(ledger, rest)
    if (copies === 'erase') await this.#eraseCopies(ledger.id)
  }

  /**
   * To be called before a ledger is unfollowed: handles its copies, which erasures of the originals no longer reach
   * then. Throws COPIES_REMAIN when `copies` was not given.
   */
  async release({ id }: Ledger, copies: CopiesChoice | undefined): Promise<void> {
    const { follows, ledgers } = this.#init
    const { counts } = this.#init.book.get(id) ?? newRow(null, '')
    if (copies === undefined && counts.copies > 0)
      throw new LedgermeshError(
        'COPIES_REMAIN',
        `the own ledger has ${counts.copies} copies of entries of ${id}: erasures of the originals would no longer reach them`,
        { copies: counts.copies }
      )
    if (follows.get(id)?.adopt !== undefined) await this.end(ledgers.get(id)!, copies ?? 'keep')
    else if (copies === 'erase') await this.#eraseCopies(id)
  }

  /** Followed ledgers that are adopted, or that have copies here. */
  sources(): LedgerId[] {
    const { follows, book } = this.#init
    return follows.list().filter((id) => follows.get(id)!.adopt !== undefined || (book.get(id)?.counts.copies ?? 0) > 0)
  }

  /** Sources that are or were adopted; those no longer followed are included while they have copies. */
  list(): AdoptionReport[] {
    const { follows, book } = this.#init
    const adopted = follows.list().filter((id) => follows.get(id)!.adopt !== undefined)
    const left = book.list().filter((id) => follows.has(id) || book.get(id)!.counts.copies > 0)
    return [...new Set([...adopted, ...left])].sort().map((id) => this.report(id))
  }

  report(id: LedgerId): AdoptionReport {
    const { ledgers, follows, book, adopter, clock, surface } = this.#init
    const row = book.get(id) ?? newRow(null, '')
    const ledger = ledgers.get(id)
    const settings = follows.get(id)?.adopt
    const state = adopter.stateOf(id)
    const code = state?.code ?? null
    return {
      ledger: id,
      name: ledger?.chain?.name ?? null,
      status: !follows.has(id)
        ? 'unfollowed'
        : settings === undefined
          ? 'stopped'
          : state === null
            ? 'adopting'
            : code === null
              ? row.erased.at >= (ledger?.size ?? 0)
                ? 'adopted'
                : 'adopting'
              : 'stalled',
      filters: settings?.filters ?? null,
      from: row.start,
      acceptReaders: settings?.acceptReaders ?? false,
      size: ledger?.size ?? 0,
      looked: row.adopted.at,
      erasuresTo: row.erased.at,
      copies: row.counts.copies,
      waiting: row.counts.waiting,
      skipped: row.counts.skipped,
      refused: row.counts.refused,
      latestRefused: row.refused,
      others: Object.entries(row.others).map(([other, copies]) => ({
        ledger: other,
        copies,
        followed: follows.has(other) || other === ledgers.own.id
      })),
      disputed: ledger === undefined ? 0 : Math.max(0, Math.min(row.adopted.at, ledger.size) - ledger.believed),
      today: dayAt(row.day, clock.now()),
      stall:
        settings === undefined || state === null || code === null
          ? null
          : {
              code,
              since: state.since,
              next: state.next,
              explanation: adviceFor(surface, ADOPT_SENTENCES[code])
            }
    }
  }

  /** How many of its entries were processed, and whether it stands still; null: it is not adopted. */
  progressOf(id: LedgerId): { looked: number; isStill: boolean } | null {
    const { book, adopter } = this.#init
    if (!this.isAdopted(id)) return null
    const code = adopter.stateOf(id)?.code ?? null
    return {
      looked: book.get(id)?.adopted.at ?? 0,
      isStill: code !== null && code !== 'AUDITING' && code !== 'BUSY' && code !== 'FIRST_SYNC'
    }
  }

  /** The outcome of entries from ≤ seq < to; null: not known. */
  async outcomesOf(id: LedgerId, from: number, to: number): Promise<(Outcome | null)[]> {
    return await this.#init.adopter.outcomesOf(id, from, to)
  }

  isAdopted(id: LedgerId): boolean {
    return this.#init.follows.get(id)?.adopt !== undefined
  }

  /** Reports the outcome of the source's entries, until all that can be processed after `run` were. */
  async watch(
    id: LedgerId,
    {
      run,
      onOutcome,
      timeLeftMs
    }: { run: () => Promise<void>; onOutcome: (outcome: EntryOutcome) => void; timeLeftMs: () => number }
  ): Promise<void> {
    const { adopter } = this.#init
    const end = adopter.onOutcome((outcome) => {
      if (outcome.source === id) onOutcome(outcome)
    })
    try {
      await run()
      await this.#settling.until(
        () => {
          const code = adopter.stateOf(id)?.code
          return code !== undefined && code !== 'AUDITING' && code !== 'BUSY'
        },
        () => {
          adopter.look(id)
        },
        timeLeftMs()
      )
    } finally {
      end()
    }
  }

  /** All copies in the own ledger, independent of what is remembered of the source. */
  async #eraseCopies(id: LedgerId): Promise<void> {
    const { own } = this.#init.ledgers
    await this.#init.adopter.groupDone()
    for (let start: number | null = 0; start !== null;) {
      const page: Awaited<ReturnType<typeof own.page>> = await own.page({ adopted: true, limit: MAX_LIST }, start)
      const copies = page.entries.filter(({ adopted, payload_state: state }) => adopted === id && state === 'present')
      await own.erase(copies.map(({ hash }) => hash))
      start = page.next
    }
  }
}
