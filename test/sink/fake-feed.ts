/** A node's feed over ledgers that are made up: what it shows now, and events that are read as it is now. */
import { LedgermeshError } from '../../src/core/errors.js'
import type { Entry } from '../../src/core/entry.js'
import { viewEntry, type LedgerEntry } from '../../src/core/view.js'
import type { FeedEvent, FeedPage, FeedSnapshot } from '../../src/ledger/feed/feed-event.js'
import type { FeedSource } from '../../src/sink/postgres-sink.js'

interface Shown {
  access: 'public' | 'private'
  entries: Entry[]
  /** Seqs whose payload is not there, and why. */
  absent: Map<number, 'erased' | 'missing'>
  frozen: number | null
}
type Told = { ledger: string } & (
  | { kind: 'entry' | 'payload-filled' | 'payload-erased' | 'right-ended'; seq: number }
  | { kind: 'frozen' | 'voided' | 'cut'; from: number }
  | { kind: 'thawed' | 'removed' | 'evidence' }
  | { kind: 'audited'; size: number }
)

/** Entries and events a page: small, so that pages end everywhere. */
const PAGE = 7

export class FakeFeed implements FeedSource {
  readonly ledgers = new Map<string, Shown>()
  #events: Told[] = []
  #epoch = 0
  private readonly page: number

  constructor(page = PAGE) {
    this.page = page
  }

  /** The entries from where it is; those without a payload that has one are `missing`. */
  show(
    ledger: string,
    entries: readonly Entry[],
    { access = 'public' as 'public' | 'private', missing = [] as number[] } = {}
  ): void {
    const shown: Shown = this.ledgers.get(ledger) ?? { access, entries: [], absent: new Map(), frozen: null }
    this.ledgers.set(ledger, shown)
    for (const entry of entries) {
      shown.entries.push(entry)
      if (missing.includes(entry.header.seq)) shown.absent.set(entry.header.seq, 'missing')
      this.#events.push({ ledger, kind: 'entry', seq: entry.header.seq })
    }
  }

  fill(ledger: string, seq: number): void {
    this.ledgers.get(ledger)!.absent.delete(seq)
    this.#events.push({ ledger, kind: 'payload-filled', seq })
  }

  erase(ledger: string, seq: number): void {
    this.ledgers.get(ledger)!.absent.set(seq, 'erased')
    this.#events.push({ ledger, kind: 'payload-erased', seq })
  }

  takeBack(ledger: string, kind: 'frozen' | 'voided' | 'cut', from: number): void {
    const shown = this.ledgers.get(ledger)!
    shown.entries.length = Math.min(shown.entries.length, from)
    for (const seq of shown.absent.keys()) if (seq >= from) shown.absent.delete(seq)
    if (kind === 'frozen') shown.frozen = from
    this.#events.push({ ledger, kind, from })
  }

  thaw(ledger: string): void {
    this.ledgers.get(ledger)!.frozen = null
    this.#events.push({ ledger, kind: 'thawed' })
  }

  remove(ledger: string): void {
    this.ledgers.delete(ledger)
    this.#events.push({ ledger, kind: 'removed' })
  }

  audited(ledger: string, size: number): void {
    this.#events.push({ ledger, kind: 'audited', size })
  }

  /** As after a restore: no position holds any more. */
  reset(): void {
    this.#epoch++
    this.#events = []
  }

  async snapshot(cursor: string | undefined): Promise<FeedSnapshot> {
    await Promise.resolve()
    const [position, at] = cursor === undefined ? [this.#position(this.#events.length), 0] : this.#read(cursor)
    const all = [...this.ledgers].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const entries = all.flatMap(([ledger, { entries: of }]) => of.map(({ header }) => this.#view(ledger, header.seq)!))
    return {
      position,
      ledgers:
        cursor !== undefined
          ? []
          : all.map(([ledger, { access, entries: of, frozen }]) => ({
              ledger,
              access,
              size: of.length,
              visible: of.length,
              head: of.at(-1)?.hash ?? null,
              audited: of.length,
              frozen: frozen === null ? null : { from: frozen, evidence: 'e' }
            })),
      entries: entries.slice(at, at + this.page),
      next: at + this.page < entries.length ? `${position}~${at + this.page}` : null
    }
  }

  async read(after: string): Promise<FeedPage> {
    await Promise.resolve()
    const [epoch, number] = after.split('.').map(Number) as [number, number]
    if (epoch !== this.#epoch || number > this.#events.length) throw new LedgermeshError('FEED_RESET', 'another epoch')
    const told = this.#events.slice(number, number + this.page)
    const events = told.flatMap((event, at): unknown[] => {
      const place = { number: number + at + 1, position: this.#position(number + at + 1), at: 0 }
      if (event.kind === 'frozen' || event.kind === 'evidence') return [{ ...place, ...event, evidence: 'e' }]
      if (!('seq' in event)) return [{ ...place, ...event }]
      const entry = this.#view(event.ledger, event.seq)
      if (entry === null) return []
      const { hash, payload_state } = entry
      return [
        event.kind === 'payload-erased' ? { ...place, ...event, hash, payload_state } : { ...place, ...event, entry }
      ]
    }) as FeedEvent[]
    const last = number + told.length
    return { events, last: this.#position(last), hasMore: last < this.#events.length }
  }

  #view(ledger: string, seq: number): LedgerEntry | null {
    const shown = this.ledgers.get(ledger)
    const entry = shown?.entries[seq]
    if (entry === undefined) return null
    const why = shown!.absent.get(seq)
    const raw = { ...entry.raw, payload: why === undefined ? entry.raw.payload : null }
    return viewEntry({ ...entry, raw }, true, why ?? 'missing')
  }

  #position(number: number): string {
    return `${this.#epoch}.${number}`
  }

  #read(cursor: string): [string, number] {
    const [position, at] = cursor.split('~')
    return [position!, Number(at)]
  }
}
