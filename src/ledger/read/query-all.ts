import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import { checkFilter, cursorBinding, type QueryFilter, type QueryResult } from './query.js'

/** A ledger that is read page by page; `visible`: how many of its entries may be shown. */
export interface Pages {
  readonly id: LedgerId
  readonly visible: number
  page: (filter: QueryFilter, from?: number) => Promise<{ entries: LedgerEntry[]; next: number | null }>
}

/**
 * One query over several ledgers, given by ascending id: results by ledger id, then by seq; `desc` is the exact
 * reverse. Throws INVALID_PARAMS or CURSOR_INVALID.
 */
export async function queryAll(ledgers: Pages[], incarnation: string, filter: QueryFilter): Promise<QueryResult> {
  const limit = checkFilter(filter)
  const binding = cursorBinding(incarnation, filter, 'all')
  const inner = { ...filter, cursor: undefined }
  const ordered = filter.order === 'desc' ? ledgers.toReversed() : ledgers
  const start = filter.cursor === undefined ? null : decodeCursor(filter.cursor, binding)
  const behind = ordered.filter(
    ({ id }) => start === null || (filter.order === 'desc' ? id <= start.ledger : id >= start.ledger)
  )
  const entries: LedgerEntry[] = []
  for (const [i, ledger] of behind.entries()) {
    const seq = start?.ledger === ledger.id ? start.seq : undefined
    const page = await ledger.page({ ...inner, limit: limit - entries.length }, seq)
    entries.push(...page.entries)
    const next = page.next ?? (i + 1 < behind.length ? firstOf(behind[i + 1]!, filter) : null)
    if (page.next !== null || (entries.length === limit && next !== null)) {
      const position =
        page.next === null ? { ledger: behind[i + 1]!.id, seq: next! } : { ledger: ledger.id, seq: page.next }
      return { entries, nextCursor: encodeCursor(position, binding), hasMore: true }
    }
  }
  return { entries, nextCursor: null, hasMore: false }
}

function firstOf(ledger: Pages, { order }: QueryFilter): number {
  if (order !== 'asc' && order !== 'desc' && order !== undefined)
    throw new LedgermeshError('INVALID_PARAMS', 'order is asc or desc')
  return order === 'desc' ? Math.max(ledger.visible - 1, 0) : 0
}
