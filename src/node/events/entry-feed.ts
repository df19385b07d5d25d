import type { Entry } from '../../core/entry.js'
import { Listeners } from '../../core/listeners.js'
import { wants, type Wanted } from '../../core/payload-filter.js'
import { viewEntry } from '../../core/view.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import type { EntriesEvent } from '../api/events.js'
import type { LedgerChoice } from '../api/ledger-choice.js'

export interface FeedInit {
  ledgers: Pick<Ledgers, 'on'>
  /** The filters of a mirror's follow. */
  filtersOf: (ledger: LedgerId) => Wanted
  log: Log
}

/**
 * Delivers stored entries to subscribers: own entries after their commit, entries of mirrors after they were verified.
 * Views are made only when there are listeners.
 */
export class Feed {
  readonly #filtersOf: FeedInit['filtersOf']
  readonly #subscribers: Listeners<[ledger: LedgerId, event: () => EntriesEvent]>

  constructor({ ledgers, filtersOf, log }: FeedInit) {
    this.#filtersOf = filtersOf
    this.#subscribers = new Listeners((error) => {
      log.error({ event: 'events.subscriber-failed', error: (error as Error).message }, 'an event subscriber failed')
    })
    ledgers.on('stored', (ledger, { entries }) => {
      this.#publish(ledger, entries)
    })
  }

  /**
   * Delivers entries of this ledger, or of all (`*`), until the returned function is called. The listener must be fast.
   */
  subscribe(ledger: LedgerChoice, listener: (event: EntriesEvent) => void): () => void {
    return this.#subscribers.add((id, event) => {
      if (ledger === '*' || ledger === id) listener(event())
    })
  }

  #publish(ledger: LedgerReader, entries: Entry[]): void {
    const filters = this.#filtersOf(ledger.id)
    let event: EntriesEvent | null = null
    const made = (): EntriesEvent =>
      (event ??= {
        ledger: ledger.id,
        entries: entries.map((entry) =>
          viewEntry(entry, entry.header.seq < ledger.audited, wants(filters, entry.header) ? 'missing' : 'filtered')
        )
      })
    this.#subscribers.emit(ledger.id, made)
  }
}
