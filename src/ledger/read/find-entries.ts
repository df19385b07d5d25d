import type { Header } from '../../core/header.js'
import type { Hash } from '../../core/hash.js'
import type { EntryReader } from './entry-reader.js'

/** A stored entry; `hasPayload`: it has a payload that was not erased. */
export interface FoundEntry {
  header: Header
  hash: Hash
  hasPayload: boolean
}

/** The entries below `size` with these ids; ids that `may` rules out are not looked up. Throws STORE_DAMAGED. */
export async function findEntries(
  reader: EntryReader,
  ids: readonly string[],
  may: readonly boolean[],
  size: number
): Promise<(FoundEntry | null)[]> {
  const seqs = await Promise.all(ids.map(async (id, i) => (may[i]! ? await reader.seqOfId(id, size) : null)))
  const held = seqs.filter((seq) => seq !== null)
  if (held.length === 0) return ids.map(() => null)
  const entries = new Map(
    (await reader.many(held)).flatMap((entry) => (entry === null ? [] : [[entry.header.seq, entry]]))
  )
  const committed = [...entries.values()]
    .filter(({ header }) => header.payload_hash !== null)
    .map(({ header }) => header.seq)
  const states = await reader.absences(committed)
  const erased = new Set(committed.filter((_, i) => states[i] === 'erased'))
  return seqs.map((seq) => {
    const entry = seq === null ? undefined : entries.get(seq)
    return entry === undefined
      ? null
      : { header: entry.header, hash: entry.hash, hasPayload: entry.header.payload_hash !== null && !erased.has(seq!) }
  })
}
