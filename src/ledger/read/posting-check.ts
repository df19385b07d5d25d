import type { Entry } from '../../core/entry.js'
import { nameRange, POSTING_FAMILIES, seqOf, type PostingFamily } from '../../store/keys.js'
import { decodePosting } from '../../store/posting.js'
import type { Store } from '../../store/store.js'
import { postedValues } from './posted-values.js'

export interface MissingPosting {
  family: PostingFamily
  value: string
  seq: number
}

/** The lowest seq of these consecutive entries that a posting list lacks; null: none. */
export async function findMissingPostings(
  store: Store,
  ledgerNumber: number,
  entries: Entry[]
): Promise<number | null> {
  const missing = await missingPostings(store, ledgerNumber, entries)
  return missing.length === 0 ? null : Math.min(...missing.map(({ seq }) => seq))
}

/** All that posting lists lack of these entries, which are ascending. */
export async function missingPostings(store: Store, ledgerNumber: number, entries: Entry[]): Promise<MissingPosting[]> {
  const first = entries[0]?.header.seq
  if (first === undefined) return []
  const end = entries.at(-1)!.header.seq + 1
  const missing: MissingPosting[] = []
  for (const family of POSTING_FAMILIES) {
    const wanted = new Map<string, number[]>()
    for (const { header } of entries) {
      for (const value of postedValues(family, header)) wanted.set(value, [...(wanted.get(value) ?? []), header.seq])
    }
    for (const [value, seqs] of wanted) {
      const held = await postedSeqs(store, ledgerNumber, family, value, first, end)
      for (const seq of seqs) if (!held.has(seq)) missing.push({ family, value, seq })
    }
  }
  return missing
}

async function postedSeqs(
  store: Store,
  ledgerNumber: number,
  family: PostingFamily,
  value: string,
  from: number,
  to: number
): Promise<Set<number>> {
  const before = await store.all({ ...nameRange(family, ledgerNumber, value, 0, from), reverse: true, limit: 1 })
  const blocks = await store.all(nameRange(family, ledgerNumber, value, from, to))
  return new Set([...before, ...blocks].flatMap(([key, block]) => decodePosting(seqOf(key), block)))
}
