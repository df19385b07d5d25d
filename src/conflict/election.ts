/**
 * Who merges, when several could: one after the other, in an order that all compute alike, so that one merge is mostly
 * enough.
 */
import { sha256Text } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { ConflictId } from './claims.js'
import { ELECTION_STEP_MS } from './limits.js'
import type { ConflictRule } from './rule.js'

/**
 * ms to wait; null: others do it. The writers among the siblings' authors come first; if there are none of them, all
 * writers.
 */
export function mergeDelayMs(
  { writers }: ConflictRule,
  id: ConflictId,
  authors: readonly LedgerId[],
  own: LedgerId
): number | null {
  const concerned = authors.filter((author) => writers.includes(author))
  const order = (concerned.length > 0 ? concerned : [...writers])
    .map((ledger) => ({ ledger, rank: sha256Text(`${id} ${ledger}`) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
  const index = order.findIndex(({ ledger }) => ledger === own)
  return index === -1 ? null : index * ELECTION_STEP_MS
}
