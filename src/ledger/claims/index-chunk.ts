import type { Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { claimOps, type ClaimPlace } from './claim-ops.js'
import type { StoredRule } from './rule-book.js'

/** Entries that a new rule looks at in one go. */
const CHUNK = 512

/** What a new rule makes of entries that are there already, from `from` on; where to go on, null at the end. */
export async function indexChunk(
  store: Store,
  reader: EntryReader,
  { id, own }: Pick<ClaimPlace, 'id' | 'own'>,
  rule: StoredRule,
  from: number,
  size: number
): Promise<number | null> {
  const to = Math.min(from + CHUNK, size)
  const seqs = Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i)
  const ops = claimOps(
    [rule],
    { id, own, ledgerNumber: reader.ledgerNumber },
    (await reader.many(seqs)).filter((entry) => entry !== null)
  )
  // On the disk before the rule is called complete: LevelDB can lose the end of an older log and keep what was synced
  // later.
  if (ops.length > 0) await store.write(ops, { sync: true })
  return to < size ? to : null
}
