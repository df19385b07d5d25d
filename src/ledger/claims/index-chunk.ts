import { seqsFrom } from '../../core/seqs.js'
import type { Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { claimOps, type ClaimPlace } from './claim-ops.js'
import type { StoredRule } from './rule-book.js'

/** Entries that a new rule is applied to in one step. */
const CHUNK = 512

/**
 * Stores the claims of existing entries, from `from` on, under a new rule. Resolves with the seq to continue at, null
 * at the end.
 */
export async function indexChunk(
  store: Store,
  reader: EntryReader,
  { id, own }: Pick<ClaimPlace, 'id' | 'own'>,
  rule: StoredRule,
  from: number,
  size: number
): Promise<number | null> {
  const to = Math.min(from + CHUNK, size)
  const seqs = seqsFrom(from, to)
  const ops = claimOps(
    [rule],
    { id, own, ledgerNumber: reader.ledgerNumber },
    (await reader.many(seqs)).filter((entry) => entry !== null)
  )
  // Synced before the rule is marked complete: LevelDB can lose the end of an older log and keep later, synced writes.
  if (ops.length > 0) await store.write(ops, { sync: true })
  return to < size ? to : null
}
