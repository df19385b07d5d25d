/**
 * Which held ledgers references wait for, and which of their entries came since. Of ledgers that are not held nothing
 * is kept: others may name as many as they like.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import { seqsFrom } from '../../core/seqs.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { ReferencePlace } from '../../store/reference-keys.js'
import type { ReferenceBook } from './reference-book.js'

export interface ArrivalsInit {
  ledgers: Pick<Ledgers, 'get' | 'list'>
  book: Pick<ReferenceBook, 'isAwaited' | 'waiting'>
  /** Checks these references again. */
  rejudge: (places: readonly ReferencePlace[]) => Promise<void>
  isStopped: () => boolean
}

/** Entries whose ids are looked up one after the other. */
const CHUNK = 256

export class Arrivals {
  readonly #init: ArrivalsInit
  /** May a reference wait for an entry of this held ledger? Absent: not known. */
  readonly #awaited = new Map<LedgerId, boolean>()
  /** Audited entries that were already matched with waiting references. */
  readonly #matched = new Map<LedgerId, number>()
  readonly #due = new Set<LedgerId>()

  constructor(init: ArrivalsInit) {
    this.#init = init
  }

  /** Entries of the ledger came, or were audited. Is there something to match? */
  came(id: LedgerId): boolean {
    const isAwaited = this.#awaited.get(id) !== false
    if (isAwaited) this.#due.add(id)
    return isAwaited
  }

  /** Everything that waits for a held ledger is checked again. */
  review(): void {
    this.#matched.clear()
    for (const { id } of this.#init.ledgers.list()) this.came(id)
  }

  /** Other entries of the ledger count than before. */
  changed(id: LedgerId): void {
    this.#matched.delete(id)
  }

  removed(id: LedgerId): void {
    this.#matched.delete(id)
    this.#awaited.delete(id)
    this.#due.delete(id)
  }

  /** To be called before a reference to a held ledger is checked: entries audited from then on are matched with it. */
  async judged({ id, audited, visible }: Ledger): Promise<void> {
    const end = Math.min(audited, visible)
    if (!(await this.#isAwaited(id)) && !this.#matched.has(id)) this.#matched.set(id, end)
  }

  /** A reference to the ledger was stored as waiting. The first one: its entry may have come since it was checked. */
  waits(id: LedgerId): void {
    if (this.#init.ledgers.get(id) === undefined || this.#awaited.get(id) === true) return
    this.#awaited.set(id, true)
    this.#due.add(id)
  }

  /** The ledgers whose new entries are to be matched. */
  due(): LedgerId[] {
    return [...this.#due]
  }

  /** Checks references that wait for entries of a ledger that have arrived and are audited. */
  async match(id: LedgerId): Promise<void> {
    this.#due.delete(id)
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined || !(await this.#isAwaited(id))) return
    const end = Math.min(ledger.audited, ledger.visible)
    const from = this.#matched.get(id)
    this.#matched.set(id, end)
    if (from !== undefined && from >= end) return
    if (from === undefined || (await this.#areFewer(id, end - from))) await this.#matchAll(id)
    else await this.#matchEach(ledger, from, end)
  }

  async #matchAll(id: LedgerId): Promise<void> {
    const { book, rejudge, isStopped } = this.#init
    for await (const chunk of book.waiting(id)) {
      await rejudge(chunk.map(({ place }) => place))
      if (isStopped()) return
    }
    if (await book.isAwaited(id)) return
    this.#awaited.set(id, false)
    this.#matched.delete(id)
  }

  async #matchEach({ id, reader }: Ledger, from: number, end: number): Promise<void> {
    const { book, rejudge, isStopped } = this.#init
    for (let at = from; at < end && !isStopped(); at += CHUNK) {
      const seqs = seqsFrom(at, Math.min(at + CHUNK, end))
      for (const entry of await reader.many(seqs)) {
        if (entry === null) continue
        for await (const chunk of book.waiting(id, { entryId: entry.header.id }))
          await rejudge(chunk.map(({ place }) => place))
      }
    }
  }

  /** Do at most so many references wait for the ledger? */
  async #areFewer(id: LedgerId, most: number): Promise<boolean> {
    let count = 0
    for await (const chunk of this.#init.book.waiting(id)) {
      count += chunk.length
      if (count > most) return false
    }
    return true
  }

  async #isAwaited(id: LedgerId): Promise<boolean> {
    const known = this.#awaited.get(id)
    if (known !== undefined) return known
    const found = await this.#init.book.isAwaited(id)
    // What was stored meanwhile counts.
    if (this.#init.ledgers.get(id) !== undefined && !this.#awaited.has(id)) this.#awaited.set(id, found)
    return this.#awaited.get(id) ?? found
  }
}
