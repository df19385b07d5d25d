/** Queries over one ledger: sources that can skip (posting lists, timestamps in the tree) are intersected; headers decide. */
import { LedgermeshError } from '../core/errors.js'
import type { Entry } from '../core/entry.js'
import type { Header } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import { POSTING_FAMILIES, type PostingFamily } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import type { EntryReader } from './entry-reader.js'
import { PostingSource, TimeSource, type SeqSource } from './seq-source.js'
import type { Tree } from './tree.js'

export interface QueryFilter {
  stream?: string | undefined
  type?: string | undefined
  issuer_oid?: string | undefined
  subject_oid?: string | undefined
  /** Timestamp in ms, inclusive. */
  from?: number | undefined
  /** Timestamp in ms, exclusive. */
  to?: number | undefined
  /** 1–1000, default 100. */
  limit?: number | undefined
  /** `nextCursor` of an earlier answer to the same filter, ledger and order. */
  cursor?: string | undefined
  /** By seq; default `asc`. */
  order?: 'asc' | 'desc' | undefined
}

export interface QueryResult {
  entries: LedgerEntry[]
  nextCursor: string | null
  /** A page may be short and have more behind it: the work for one page is bounded. */
  hasMore: boolean
}

export interface Queried {
  id: LedgerId
  reader: EntryReader
  tree: Tree
  store: Store
  /** Entries that may be shown. */
  size: number
  audited: number
}

export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 1000
/** Bytes of headers and payloads in one page, which holds at least one entry; the next page goes on. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
/** Headers read for one page; past it the page ends early. */
const MAX_EXAMINED = 20_000
/** Part of the entries from which on an index saves nothing. */
const DENSE = 0.25
/** Headers read at a time. */
const CHUNK = 128

const FIELDS: Record<PostingFamily, 'stream' | 'type' | 'issuer_oid' | 'subject_oid'> = { stream: 'stream', type: 'type', issuer: 'issuer_oid', subject: 'subject_oid' }

/** Throws INVALID_PARAMS or CURSOR_INVALID. */
export async function queryLedger (ledger: Queried, filter: QueryFilter): Promise<QueryResult> {
  checkFilter(filter)
  const binding = cursorBinding(ledger.store.incarnation, filter)
  let start: number | undefined
  if (filter.cursor !== undefined) {
    const cursor = decodeCursor(filter.cursor, binding)
    if (cursor.ledger !== ledger.id) throw new LedgermeshError('CURSOR_INVALID', 'the cursor belongs to another ledger')
    start = cursor.seq
  }
  const { entries, next } = await queryPage(ledger, filter, start)
  return { entries, nextCursor: next === null ? null : encodeCursor({ ledger: ledger.id, seq: next }, binding), hasMore: next !== null }
}

/** From `start` on in the filter's order; `next`: where the following page starts, null: there is none. */
export async function queryPage (ledger: Queried, filter: QueryFilter, start: number | undefined): Promise<{ entries: LedgerEntry[], next: number | null }> {
  const limit = checkFilter(filter)
  const descending = filter.order === 'desc'
  const step = descending ? -1 : 1
  let position = descending ? Math.min(start ?? ledger.size - 1, ledger.size - 1) : start ?? 0
  const all = sourcesOf(ledger, filter, descending)
  const found: Entry[] = []
  let examined = 0
  try {
    const sources = await selective(all, position)
    let bytes = 0
    page: while (found.length < limit && examined < MAX_EXAMINED && position >= 0 && position < ledger.size) {
      const want = sources.length === 0 ? limit - found.length : Math.min(CHUNK, limit - found.length)
      const { seqs, next, steps } = await candidates(sources, position, step, ledger.size, want)
      examined += seqs.length + steps
      for (const entry of await ledger.reader.many(seqs)) {
        if (entry === null || !matches(entry.header, filter)) continue
        bytes += entry.raw.header.length + entry.header.payload_size
        if (bytes > MAX_PAGE_BYTES && found.length > 0) {
          position = entry.header.seq
          break page
        }
        found.push(entry)
      }
      position = next
    }
  } finally {
    for (const source of all) await source.close()
  }
  return { entries: await ledger.reader.views(found, ledger.audited), next: position >= 0 && position < ledger.size ? position : null }
}

/** What a cursor belongs to: it is refused for anything else. */
export function cursorBinding (incarnation: string, filter: QueryFilter, scope = 'one'): string {
  const { stream, type, issuer_oid: issuer, subject_oid: subject, from, to, order } = filter
  return JSON.stringify([incarnation, scope, stream, type, issuer, subject, from, to, order ?? 'asc'])
}

/** The limit. Throws INVALID_PARAMS. */
export function checkFilter (filter: QueryFilter): number {
  const { limit = DEFAULT_LIMIT, from, to, order } = filter
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new LedgermeshError('INVALID_PARAMS', `limit is 1 to ${MAX_LIMIT}`)
  for (const time of [from, to]) if (time !== undefined && !Number.isSafeInteger(time)) throw new LedgermeshError('INVALID_PARAMS', 'from and to are milliseconds since 1970')
  if (order !== undefined && order !== 'asc' && order !== 'desc') throw new LedgermeshError('INVALID_PARAMS', 'order is asc or desc')
  for (const field of Object.values(FIELDS)) {
    if (filter[field] !== undefined && typeof filter[field] !== 'string') throw new LedgermeshError('INVALID_PARAMS', `${field} is a string`)
  }
  return limit
}

function sourcesOf ({ reader, store, tree, size }: Queried, filter: QueryFilter, descending: boolean): SeqSource[] {
  const sources: SeqSource[] = []
  for (const family of POSTING_FAMILIES) {
    const value = filter[FIELDS[family]]
    if (value !== undefined) sources.push(new PostingSource(store, reader.n, family, value, descending))
  }
  if (filter.from !== undefined || filter.to !== undefined) sources.push(new TimeSource(tree, size, filter.from ?? 0, filter.to ?? Number.MAX_SAFE_INTEGER, descending))
  return sources
}

/** The sources worth asking, sparse ones first: what names every fourth entry or more is decided by the headers, if anything else is sparser. */
async function selective (sources: SeqSource[], position: number): Promise<SeqSource[]> {
  if (sources.length < 2) return sources
  const weighed: { source: SeqSource, density: number }[] = []
  for (const source of sources) weighed.push({ source, density: await source.density(position) })
  weighed.sort((a, b) => a.density - b.density)
  return weighed.filter(({ density }, i) => i === 0 || density < DENSE).map(({ source }) => source)
}

interface Candidates { seqs: number[], next: number, steps: number }

/** The next seqs that all sources agree on; `next`: where to go on, outside 0 … size when there are no more. */
async function candidates (sources: SeqSource[], from: number, step: 1 | -1, size: number, count: number): Promise<Candidates> {
  const seqs: number[] = []
  let position = from
  let steps = 0
  search: while (seqs.length < count && position >= 0 && position < size && steps < MAX_EXAMINED) {
    for (const source of sources) {
      const seq = await source.seek(position)
      steps++
      if (seq === null || seq < 0 || seq >= size) {
        position = step > 0 ? size : -1
        break search
      }
      if (seq !== position) {
        position = seq
        continue search
      }
    }
    seqs.push(position)
    position += step
  }
  return { seqs, next: position, steps }
}

function matches (header: Header, filter: QueryFilter): boolean {
  return (filter.stream === undefined || header.stream === filter.stream) &&
    (filter.type === undefined || header.type === filter.type) &&
    (filter.issuer_oid === undefined || header.issuer_oid === filter.issuer_oid) &&
    (filter.subject_oid === undefined || header.subject_oid === filter.subject_oid) &&
    (filter.from === undefined || header.timestamp >= filter.from) &&
    (filter.to === undefined || header.timestamp < filter.to)
}
