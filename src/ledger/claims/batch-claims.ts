import type { Entry } from '../../core/entry.js'
import type { Clock } from '../../ports.js'
import type { Op } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { claimOps, type ClaimPlace } from './claim-ops.js'
import type { ConflictIndex } from './conflict-index.js'
import type { RuleBook } from './rule-book.js'
import { storedAtOp } from './stored-at.js'

/**
 * Rows that are written in one batch with these entries: the time of storing, the entries' claims under the rules, and
 * the conflicts that their erasures affect. `erased`: seqs that were stored before.
 */
export async function batchClaims(
  { clock, rules, conflicts }: { clock: Clock; rules: RuleBook; conflicts: ConflictIndex },
  { id, own }: Pick<ClaimPlace, 'id' | 'own'>,
  reader: EntryReader,
  entries: readonly Entry[],
  erased: number[]
): Promise<Op[]> {
  const time = storedAtOp(reader.ledgerNumber, entries[0]!.header.seq, clock.now())
  if (rules.active.length === 0) return [time]
  const concerned = (await reader.many(erased)).filter((entry) => entry !== null)
  return [
    time,
    ...claimOps(rules.active, { id, own, ledgerNumber: reader.ledgerNumber }, entries),
    ...conflicts.touchOps(reader.ledgerNumber, concerned)
  ]
}
