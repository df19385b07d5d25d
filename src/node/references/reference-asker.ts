/**
 * Fetches the targets of own references in ledgers that are not held. Only of own headers: fetching targets of others'
 * references, or of payloads, would reveal who reads them. References of a private ledger are never revealed.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { judgeShown } from './fetched-references.js'
import type { ReferenceChange } from './reference-book.js'
import type { ReferenceTracker } from './reference-tracker.js'

/**
 * Interval of the check for due references; a ledger that no peer shows is tried again after an hour, then half as
 * often each time.
 */
const LOOK_MS = 60_000
const FIRST_MS = 60 * 60_000
const LONGEST_MS = 24 * 60 * 60_000
/** Ledgers per run, and entries of each: as many as one request may have. */
const MAX_LEDGERS = 16
const MAX_ENTRIES = 64
/** Own references to one ledger that are looked through for those that are not shown yet. */
const MAX_LOOKED = 4096

export interface ReferenceAskerInit {
  tracker: ReferenceTracker
  ledgers: Ledgers
  clock: Clock
  log: Log
  fetch: (ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }) => Promise<LedgerEntry[]>
}

export class ReferenceAsker {
  readonly #init: ReferenceAskerInit
  /** `from`: how many of its open references had their turn, so that those nobody shows keep no others from theirs. */
  readonly #asked = new Map<LedgerId, { next: number; waitMs: number; from: number }>()
  #cancel: (() => void) | null = null
  #running: Promise<void> | null = null

  constructor(init: ReferenceAskerInit) {
    this.#init = init
  }

  start(): void {
    this.#cancel = this.#init.clock.after(LOOK_MS, () => {
      this.#running = this.look()
        .catch((error: unknown) => {
          this.#init.log.warn(
            { event: 'references.ask-failed', error },
            'references could not be asked for; asked again'
          )
        })
        .finally(() => {
          this.#running = null
          if (this.#cancel !== null) this.start()
        })
    })
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    await this.#running
  }

  /** Fetches due targets. */
  async look(): Promise<void> {
    const { tracker, ledgers, clock } = this.#init
    if (!ledgers.hasOwn || ledgers.own.chain?.access !== 'public') return
    for (const id of this.#asked.keys()) if (!tracker.book.waits.has(id)) this.#asked.delete(id)
    const due = [...tracker.book.waits.keys()].filter(
      (id) => (ledgers.get(id)?.visible ?? 0) === 0 && (this.#asked.get(id)?.next ?? 0) <= clock.now()
    )
    await Promise.all(due.slice(0, MAX_LEDGERS).map(async (id) => await this.#ask(id)))
  }

  async #ask(id: LedgerId): Promise<void> {
    const { tracker, ledgers, clock, fetch } = this.#init
    // Counted are own ones alone: else those of others could keep them from being looked at.
    const places = (await tracker.book.waiting(id))
      .filter(({ ledgerNumber }) => ledgerNumber === ledgers.own.ledgerNumber)
      .slice(0, MAX_LOOKED)
    const all = (await tracker.at(places)).filter(({ before }) => before?.status === 'unresolved')
    const last = this.#asked.get(id) ?? { waitMs: FIRST_MS / 2, from: 0 }
    const from = last.from < all.length ? last.from : 0
    const open = all.slice(from, from + MAX_ENTRIES)
    const waitMs = Math.min(last.waitMs * 2, LONGEST_MS)
    const asked = { next: clock.now() + waitMs, waitMs, from: from + open.length }
    this.#asked.set(id, asked)
    if (open.length === 0) return
    const hashes = open.flatMap(({ reference }) => reference.entryHash ?? [])
    const ids = open.flatMap(({ reference }) => (reference.entryHash === null ? [reference.entryId] : []))
    const shown = await fetch(id, { hashes: [...new Set(hashes)], ids: [...new Set(ids)] })
    const found = open.flatMap(({ place, reference, before }): ReferenceChange[] => {
      const { status, entry } = judgeShown(reference, shown)
      // That hash is an entry with another id, which is final.
      const asOf = entry === null ? 0 : entry.seq + 1
      return status === 'unresolved' ? [] : [{ place, reference, before, after: { status, asOf, since: clock.now() } }]
    })
    asked.from -= found.length // they are open no longer
    await tracker.found(found)
  }
}
