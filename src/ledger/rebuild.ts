/** What is derived from the entries, made anew (I8), and payloads looked at again after a follow's filter changed. */
import { familyRange, ledgerRange, POSTING_FAMILIES, seqKey, type Family } from '../store/keys.js'
import { EMPTY } from '../store/posting.js'
import type { Op, Store } from '../store/store.js'
import { entryOps, type PayloadStates } from './entry-ops.js'
import type { EntryReader } from './entry-reader.js'
import { decodeStored } from './records.js'
import { Tree } from './tree.js'

/** Families that follow from the entries alone. Hash keys are only added: a stale one names an entry that does not match. */
const DERIVED: Family[] = ['keyEntry', 'tile', 'erased', 'id', ...POSTING_FAMILIES]
/** Entries of one batch. */
const CHUNK = 512

/** Throws STORE_DAMAGED, before anything is changed, when an entry below `size` is damaged or gone. May be interrupted and run again. */
export async function rebuildDerived (store: Store, reader: EntryReader, size: number): Promise<void> {
  for (let from = 0; from < size; from += CHUNK) await reader.wholeLeaves(from, Math.min(from + CHUNK, size))
  for (const family of DERIVED) await store.clear(ledgerRange(family, reader.n))
  const tree = new Tree(store, reader)
  await tree.load(0)
  const families = [...DERIVED, 'hash' as const].map((family) => familyRange(family).gte[0])
  for await (const rows of reader.scan(0, size, CHUNK)) {
    const entries = rows.map(({ seq, value }) => decodeStored(value, seq))
    const { ops } = await entryOps(reader, tree, entries, rows[0]!.seq, () => 'missing')
    // deletions are those of erased payloads
    await store.write(ops.filter(({ type, key }) => type === 'del' || families.includes(key[0])), { sync: true })
  }
}

/** Marks as missing what is wanted now and not held, and takes the mark from the rest. */
export async function markMissing (store: Store, reader: EntryReader, size: number, payloadStates: PayloadStates): Promise<void> {
  for await (const rows of reader.scan(0, size, CHUNK)) {
    const entries = rows.map(({ seq, value }) => decodeStored(value, seq)).filter(({ header }) => header.payload_hash !== null)
    const held = await store.getMany(entries.flatMap(({ header }) => [seqKey('payload', reader.n, header.seq), seqKey('erased', reader.n, header.seq)]))
    const ops = entries.flatMap((entry, i): Op[] => {
      const key = seqKey('missing', reader.n, entry.header.seq)
      if (held[2 * i] !== undefined || held[2 * i + 1] !== undefined) return []
      return [payloadStates(entry) === 'missing' ? { type: 'put', key, value: EMPTY } : { type: 'del', key }]
    })
    if (ops.length > 0) await store.write(ops, { sync: false })
  }
}
