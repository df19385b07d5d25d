/**
 * Reads the feed for a consumer. What it names is read now, so that nothing comes of a payload that was erased since,
 * or of an entry that was taken back; then everything that was read is synced, before anybody hears of it.
 */
import { seqsFrom } from '../core/seqs.js'
import type { LedgerEntry } from '../core/view.js'
import { chunks } from '../store/chunks.js'
import { decodeFeedRow, feedNumberOf, feedRange, type FeedRow } from '../store/feed-rows.js'
import type { Store } from '../store/store.js'
import type { FeedChange, FeedEvent, FeedFilter, FeedPage, FeedReadOptions } from './feed/feed-event.js'
import { DEFAULT_FEED_LIMIT, PAGE_BYTES } from './feed/limits.js'
import { formatPosition, parsePosition } from './feed/position.js'
import type { Ledger } from './ledger.js'
import type { Ledgers } from './ledgers.js'

/** Events that are looked at for one page. */
const LOOKED_AT = 20_000
const ROWS = 64

interface Taken {
  events: FeedEvent[]
  bytes: number
}

export class FeedReader {
  readonly #store: Store
  readonly #ledgers: Pick<Ledgers, 'byNumber' | 'arrivals'>

  constructor(store: Store, ledgers: Pick<Ledgers, 'byNumber' | 'arrivals'>) {
    this.#store = store
    this.#ledgers = ledgers
  }

  /** Throws INVALID_PARAMS, FEED_RESET, STORE_DAMAGED, STORE_FAILED. */
  async read({ after, limit = DEFAULT_FEED_LIMIT, ...filter }: FeedReadOptions): Promise<FeedPage> {
    const { arrivals } = this.#ledgers
    const start = parsePosition(after)
    const upto = arrivals.last
    await arrivals.assertHeld(start)
    const page: Taken = { events: [], bytes: 0 }
    let last = { number: start.number, check: start.check }
    let looked = 0
    rows: for await (const row of this.#rows(start.number + 1, upto.number)) {
      for (let at = last.number + 1; at < row.first + row.count;) {
        const end = Math.min(row.first + row.count, at + limit - page.events.length)
        await this.#tell(row, at, end, filter, page)
        looked += end - at
        at = end
        last = { number: at - 1, check: row.check }
        if (page.events.length >= limit || page.bytes >= PAGE_BYTES || looked >= LOOKED_AT) break rows
      }
    }
    // Rows that were pruned meanwhile were perhaps not read.
    if (start.number + 1 < arrivals.floor) throw arrivals.reset()
    await arrivals.flush()
    return {
      events: page.events,
      last: formatPosition({ epoch: start.epoch, ...last }),
      hasMore: last.number < upto.number
    }
  }

  async *#rows(from: number, to: number): AsyncGenerator<FeedRow> {
    if (from > to) return
    const [key] = await this.#store.keys({ ...feedRange(0, from + 1), reverse: true, limit: 1 })
    const first = key === undefined ? from : feedNumberOf(key)
    for await (const chunk of chunks(this.#store, feedRange(first, to + 1), ROWS))
      for (const [rowKey, value] of chunk) yield decodeFeedRow(rowKey, value)
  }

  /** The events with these numbers of one row, as far as they are still to be told. */
  async #tell(row: FeedRow, from: number, to: number, filter: FeedFilter, page: Taken): Promise<void> {
    const ledger = this.#ledgers.byNumber(row.ledgerNumber)
    const id = row.kind === 'removed' ? row.text : ledger?.id
    if (id === undefined || (filter.ledgers !== undefined && !filter.ledgers.includes(id))) return
    if (filter.publicOnly === true && (row.isPrivate || (ledger !== undefined && ledger.chain?.access !== 'public')))
      return
    const told = (number: number, change: FeedChange): FeedEvent => ({
      number,
      position: this.#ledgers.arrivals.positionAt(number, row.check),
      ledger: id,
      at: row.time,
      ...change
    })
    if (ledger === undefined || !isOfEntries(row)) {
      page.events.push(told(row.first, changeOf(row)))
      return
    }
    const base = row.at - row.first
    for (const entry of await shownViews(ledger, from + base, to + base)) {
      if (filter.streams !== undefined && !filter.streams.includes(entry.stream)) continue
      const { seq, hash, raw, payload_state } = entry
      page.bytes += raw.header.length + (raw.payload?.length ?? 0)
      const whole = row.kind === 'entry' || row.kind === 'payload-filled'
      page.events.push(
        told(
          seq - base,
          whole
            ? { kind: row.kind as 'entry' | 'payload-filled', seq, entry }
            : { kind: row.kind as 'payload-erased' | 'erase-withdrawn', seq, hash, payload_state }
        )
      )
    }
  }
}

/** The entries from ≤ seq < to that are shown, as they are now. */
export async function shownViews(ledger: Ledger, from: number, to: number): Promise<LedgerEntry[]> {
  const end = Math.min(to, ledger.visible)
  if (end <= from) return []
  const entries = await ledger.reader.many(seqsFrom(from, end))
  const views = await ledger.reader.views(
    entries.filter((entry) => entry !== null),
    ledger.audited
  )
  // What is taken back meanwhile comes with a later number, and what a cut leaves does not come again.
  return views.filter(({ seq }) => seq < ledger.visible)
}

function isOfEntries({ kind }: FeedRow): boolean {
  return kind === 'entry' || kind.startsWith('payload-') || kind === 'erase-withdrawn'
}

function changeOf({ kind, at, text }: FeedRow): FeedChange {
  if (kind === 'frozen') return { kind, from: at, evidence: text }
  if (kind === 'voided' || kind === 'cut') return { kind, from: at }
  if (kind === 'audited') return { kind, size: at }
  if (kind === 'right-ended') return { kind, seq: at }
  if (kind === 'evidence') return { kind, evidence: text }
  return { kind: kind as 'thawed' | 'removed' }
}
