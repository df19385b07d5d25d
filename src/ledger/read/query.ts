/** Queries over one ledger, page by page. */
import { LedgermeshError } from '../../core/errors.js'
import type { Entry } from '../../core/entry.js'
import { checkReferredTo, type ReferredTo } from '../../core/entry-filter.js'
import { readOptions, type Members } from '../../core/options.js'
import { syncMarkOf } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import { walk, type Queried } from './walk.js'

/** Which entries; the filters are joined by "and". Absent: no filter. */
export interface QueryFilter {
  stream?: string | undefined
  type?: string | undefined
  issuer_oid?: string | undefined
  subject_oid?: string | undefined
  /** Entries with a reference to a ledger, or to one entry of it. */
  refers_to?: ReferredTo | undefined
  /** Timestamp in ms, inclusive. */
  from?: number | undefined
  /** Timestamp in ms, exclusive. */
  to?: number | undefined
  /** True: copies of other ledgers' entries alone; false: none of them. */
  adopted?: boolean | undefined
  /** 1–1000, default 100. */
  limit?: number | undefined
  /** `nextCursor` of an earlier answer to the same filter, ledger and order. */
  cursor?: string | undefined
  /** By seq; default `asc`. */
  order?: 'asc' | 'desc' | undefined
  /** Only entries from this seq on; default 0. */
  fromSeq?: number | undefined
}

/** One page of entries. `nextCursor` asks for the next one; null: there is none. */
export interface QueryResult {
  entries: LedgerEntry[]
  nextCursor: string | null
  /** A page may be short although more follow: the work for one page is bounded. */
  hasMore: boolean
}

export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 1000
/** Bytes of headers and payloads in one page, which holds at least one entry; the next page goes on. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024
const MEMBERS: Members<QueryFilter> = {
  stream: true,
  type: true,
  issuer_oid: true,
  subject_oid: true,
  refers_to: true,
  from: true,
  to: true,
  adopted: true,
  limit: true,
  cursor: true,
  order: true,
  fromSeq: true
}
const NAMES = ['stream', 'type', 'issuer_oid', 'subject_oid'] as const

/** Throws INVALID_PARAMS or CURSOR_INVALID. */
export async function queryLedger(ledger: Queried, filter: QueryFilter): Promise<QueryResult> {
  checkFilter(filter)
  const binding = cursorBinding(ledger.store.incarnation, filter)
  let start: number | undefined
  if (filter.cursor !== undefined) {
    const cursor = decodeCursor(filter.cursor, binding)
    if (cursor.ledger !== ledger.id) throw new LedgermeshError('CURSOR_INVALID', 'the cursor belongs to another ledger')
    start = cursor.seq
  }
  const { entries, next } = await queryPage(ledger, filter, start)
  return {
    entries,
    nextCursor: next === null ? null : encodeCursor({ ledger: ledger.id, seq: next }, binding),
    hasMore: next !== null
  }
}

/** A page from `start` on in the filter's order; `next`: where the following page starts, null: there is none. */
export async function queryPage(
  ledger: Queried,
  filter: QueryFilter,
  start: number | undefined
): Promise<{ entries: LedgerEntry[]; next: number | null }> {
  const limit = checkFilter(filter)
  const { found, next } = await walk(ledger, filter, {
    order: filter.order ?? 'asc',
    start,
    span: { from: filter.fromSeq ?? 0, to: ledger.size },
    limit,
    maxBytes: MAX_PAGE_BYTES,
    also: (entry) => isAsAdopted(entry, filter)
  })
  return { entries: await ledger.reader.views(found, ledger.audited), next }
}

/** The query that a cursor belongs to: it is refused for any other. */
export function cursorBinding(incarnation: string, filter: QueryFilter, scope = 'one'): string {
  const { stream, type, issuer_oid: issuer, subject_oid: subject, refers_to: target, from, to, adopted, order } = filter
  const of = [stream, type, issuer, subject, target?.ledger, target?.entry_id, from, to, adopted, order ?? 'asc']
  if (filter.fromSeq !== undefined) of.push(filter.fromSeq)
  return JSON.stringify([incarnation, scope, ...of])
}

/** The limit. A plugin's beforeQuery hook has removed its own members by now. Throws INVALID_PARAMS. */
export function checkFilter(filter: QueryFilter): number {
  const {
    limit = DEFAULT_LIMIT,
    from,
    to,
    adopted,
    order,
    cursor,
    fromSeq = 0
  } = readOptions(filter, MEMBERS, 'filter')
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new LedgermeshError('INVALID_PARAMS', `limit is 1 to ${MAX_LIMIT}`)
  for (const time of [from, to])
    if (time !== undefined && !Number.isSafeInteger(time))
      throw new LedgermeshError('INVALID_PARAMS', 'from and to are milliseconds since 1970')
  if (!Number.isSafeInteger(fromSeq) || fromSeq < 0) throw new LedgermeshError('INVALID_PARAMS', 'fromSeq is a seq')
  if (adopted !== undefined && typeof adopted !== 'boolean')
    throw new LedgermeshError('INVALID_PARAMS', 'adopted is true or false')
  if (order !== undefined && order !== 'asc' && order !== 'desc')
    throw new LedgermeshError('INVALID_PARAMS', 'order is asc or desc')
  if (cursor !== undefined && typeof cursor !== 'string')
    throw new LedgermeshError('INVALID_PARAMS', 'cursor is a string')
  for (const field of NAMES) {
    if (filter[field] !== undefined && typeof filter[field] !== 'string')
      throw new LedgermeshError('INVALID_PARAMS', `${field} is a string`)
  }
  if (filter.refers_to !== undefined) checkReferredTo(filter.refers_to)
  return limit
}

function isAsAdopted({ header }: Entry, { adopted }: QueryFilter): boolean {
  return adopted === undefined || adopted === (syncMarkOf(header.meta) !== null)
}
