/** Rebuilds everything that is derived from the entries (I8). */
import { familyRange, ledgerRange, POSTING_FAMILIES, type Family } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { entryOps } from './entry-ops.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored } from '../read/records.js'
import { Tree } from '../read/tree.js'

/**
 * Families derived from the entries alone. Hash keys are only added: a stale one names an entry that does not match.
 */
const DERIVED: Family[] = ['keyEntry', 'tile', 'erased', 'id', ...POSTING_FAMILIES]
/** Entries of one batch. */
const CHUNK = 512

/**
 * Throws STORE_DAMAGED, before anything is changed, when an entry below `size` is damaged or gone. May be interrupted
 * and run again.
 */
export async function rebuildDerived(store: Store, reader: EntryReader, size: number): Promise<void> {
  for (let from = 0; from < size; from += CHUNK) await reader.wholeLeaves(from, Math.min(from + CHUNK, size))
  for (const family of DERIVED) await store.clear(ledgerRange(family, reader.ledgerNumber))
  const tree = new Tree(store, reader)
  await tree.load(0)
  const families = [...DERIVED, 'hash' as const].map((family) => familyRange(family).gte[0])
  for await (const rows of reader.scan(0, size, CHUNK)) {
    const entries = rows.map(({ seq, value }) => decodeStored(value, seq))
    const { ops } = await entryOps(reader, tree, entries, rows[0]!.seq, () => 'missing')
    // deletions are those of erased payloads
    await store.write(
      ops.filter(({ type, key }) => type === 'del' || families.includes(key[0])),
      { sync: true }
    )
  }
}
