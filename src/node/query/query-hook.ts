/** `_crossLedger` and `_ledgers` in a filter of `ledger.query`: the query goes across ledgers. */
import type { EntryFilter } from '../../core/entry-filter.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { QueryFilter, QueryResult } from '../../ledger/read/query.js'
import { MAX_LIMIT } from '../../query/limits.js'
import type { NetworkAnswer, NetworkQuestion } from '../api/query.js'

/** The members of both kinds. A page has entries of all ledgers, at most `limit` of each. */
export type CrossResult = QueryResult & Pick<NetworkAnswer, 'complete' | 'sources'>

/**
 * Null: the filter has no such members, or the option is off: then they are refused as unknown members, because an
 * answer from the own ledger alone would look complete. Throws INVALID_PARAMS.
 */
export async function answerAcross(
  filter: QueryFilter & Record<string, unknown>,
  isOn: boolean,
  ask: (question: NetworkQuestion) => Promise<NetworkAnswer>
): Promise<{ shortCircuit: CrossResult } | { filter: QueryFilter } | null> {
  const { _crossLedger: across, _ledgers: chosen, ...plain } = filter
  if (!isOn || (across === undefined && chosen === undefined)) return null
  if (across === false && chosen === undefined) return { filter: plain }
  if (across !== true) throw new LedgermeshError('INVALID_PARAMS', '_ledgers goes with _crossLedger: true')
  const { limit, cursor, order, adopted, ...filters } = plain
  if (adopted !== undefined) throw new LedgermeshError('INVALID_PARAMS', 'adopted is asked of one ledger')
  const answer = await ask({
    filters: filters as EntryFilter,
    ledgers: chosen as LedgerId[] | undefined,
    order,
    cursor,
    limit: limit === undefined ? undefined : Math.min(limit, MAX_LIMIT)
  })
  const { aggregated, nextCursor, hasMore, complete, sources } = answer
  return { shortCircuit: { entries: aggregated, nextCursor, hasMore, complete, sources } }
}
