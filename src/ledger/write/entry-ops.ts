/**
 * The writes of a batch of new entries: the entries, their payloads, their indexes, and the deletions by their
 * erasures.
 */
import type { Entry } from '../../core/entry.js'
import { isOfType } from '../../core/ledger-types.js'
import { setsKey } from '../../core/ledger-types.js'
import { hashKey, nameKey, POSTING_FAMILIES, seqKey, type PostingFamily } from '../../store/keys.js'
import { EMPTY, encodePosting } from '../../store/posting.js'
import type { Op } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { postedValues } from '../read/posted-values.js'
import { encodeEntry } from '../read/records.js'
import type { Tree } from '../read/tree.js'

/** Is an absent payload wanted (`missing`), or left out by the follow's filter? */
export type PayloadStates = (entry: Entry) => 'missing' | 'filtered'

export interface EntryOps {
  ops: Op[]
  /** Approximate bytes of keys and values. */
  bytes: number
  /** Seqs of payloads that were deleted from the disk. */
  erased: number[]
}

/** Approximate bytes of keys and index entries per entry; only for deciding when to sync. */
const INDEX_BYTES = 128

/** `size`: entries that are stored; the new ones follow. The tree must be loaded. */
export async function entryOps(
  reader: EntryReader,
  tree: Tree,
  entries: Entry[],
  size: number,
  payloadStates: PayloadStates
): Promise<EntryOps> {
  const { ledgerNumber } = reader
  const ops: Op[] = []
  const postings = new Map<PostingFamily, Map<string, number[]>>(
    POSTING_FAMILIES.map((family) => [family, new Map<string, number[]>()])
  )
  const erasures = await erasedBy(reader, entries, size)
  let bytes = 0
  for (const entry of entries) {
    const { header, hash, raw } = entry
    const { seq } = header
    const value = encodeEntry(entry)
    bytes += value.length + INDEX_BYTES
    ops.push(
      { type: 'put', key: seqKey('entry', ledgerNumber, seq), value },
      { type: 'put', key: hashKey(hash, ledgerNumber, seq), value: EMPTY },
      { type: 'put', key: nameKey('id', ledgerNumber, header.id, seq), value: EMPTY }
    )
    if (header.payload_hash !== null && !erasures.has(seq)) {
      if (raw.payload !== null) {
        ops.push({ type: 'put', key: seqKey('payload', ledgerNumber, seq), value: raw.payload })
        bytes += raw.payload.length
      } else if (payloadStates(entry) === 'missing')
        ops.push({ type: 'put', key: seqKey('missing', ledgerNumber, seq), value: EMPTY })
    }
    if (setsKey(header)) ops.push({ type: 'put', key: seqKey('keyEntry', ledgerNumber, seq), value: EMPTY })
    for (const [family, values] of postings) for (const value of postedValues(family, header)) add(values, value, seq)
    for (const op of tree.push(hash, seq, header.timestamp)) ops.push(op)
  }
  for (const [family, values] of postings)
    for (const [value, seqs] of values)
      ops.push({ type: 'put', key: nameKey(family, ledgerNumber, value, seqs[0]!), value: encodePosting(seqs) })
  for (const [seq, by] of erasures) {
    const value = Buffer.alloc(6)
    value.writeUIntBE(by, 0, 6)
    ops.push({ type: 'put', key: seqKey('erased', ledgerNumber, seq), value })
    if (seq < size)
      ops.push(
        { type: 'del', key: seqKey('payload', ledgerNumber, seq) },
        { type: 'del', key: seqKey('missing', ledgerNumber, seq) }
      )
  }
  return { ops, bytes, erased: [...erasures.keys()].filter((seq) => seq < size) }
}

type Posting = Map<string, number[]>

function add(posting: Posting, value: string, seq: number): void {
  const seqs = posting.get(value)
  if (seqs === undefined) posting.set(value, [seq])
  else seqs.push(seq)
}

/** Seq of each erased entry → seq of the erasure. Hashes that name nothing before the erasure erase nothing. */
async function erasedBy(reader: EntryReader, entries: Entry[], size: number): Promise<Map<number, number>> {
  const erased = new Map<number, number>()
  let fresh: Map<string, number> | undefined
  for (const { header } of entries) {
    if (!isOfType(header, 'ledger.erase')) continue
    fresh ??= new Map(entries.map((entry) => [entry.hash, entry.header.seq]))
    for (const hash of header.meta.entries) {
      const seq = fresh.get(hash) ?? (await reader.seqOfHash(hash, size))
      if (seq !== null && seq < header.seq) erased.set(seq, header.seq)
    }
  }
  return erased
}
