import type { Entry } from '../core/entry.js'
import { viewEntry } from '../core/view.js'
import type { Log } from '../ports.js'
import type { Ledger } from '../ledger/ledger.js'
import type { EntriesEvent, LedgerChoice } from './api.js'
import type { Wanted } from './filters.js'
import { wants } from './filters.js'

interface Subscriber { ledger: LedgerChoice, listener: (event: EntriesEvent) => void }

/** Tells subscribers what was stored: own entries after their commit, entries of mirrors after they were verified. Views are made only when somebody listens. */
export class Feed {
  readonly #subscribers = new Set<Subscriber>()
  readonly #taps = new Set<(ledger: Ledger, entries: Entry[]) => void>()
  readonly #log: Log

  constructor (log: Log) {
    this.#log = log
  }

  subscribe (ledger: LedgerChoice, listener: (event: EntriesEvent) => void): () => void {
    const subscriber = { ledger, listener }
    this.#subscribers.add(subscriber)
    return () => { this.#subscribers.delete(subscriber) }
  }

  /** Every entry as it is stored, before any subscriber hears of it: for what this node derives from entries. */
  tap (listener: (ledger: Ledger, entries: Entry[]) => void): () => void {
    this.#taps.add(listener)
    return () => { this.#taps.delete(listener) }
  }

  /** `filters`: what the follow of a mirror wants. */
  publish (ledger: Ledger, entries: Entry[], filters: Wanted = null): void {
    for (const tap of this.#taps) this.#deliver(() => { tap(ledger, entries) })
    const listening = [...this.#subscribers].filter((subscriber) => subscriber.ledger === '*' || subscriber.ledger === ledger.id)
    if (listening.length === 0 || entries.length === 0) return
    const event = { ledger: ledger.id, entries: entries.map((entry) => viewEntry(entry, entry.header.seq < ledger.audited, wants(filters, entry.header) ? 'missing' : 'filtered')) }
    for (const { listener } of listening) this.#deliver(() => { listener(event) })
  }

  #deliver (call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#log.error({ error: (error as Error).message }, 'a subscriber failed')
    }
  }
}
