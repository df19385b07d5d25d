import type { Entry } from '../core/entry.js'
import { nameRange, POSTING_FAMILIES, seqOf, type PostingFamily } from '../store/keys.js'
import { decodePosting } from '../store/posting.js'
import type { Store } from '../store/store.js'

/** The lowest seq of these consecutive entries that a posting list lacks; null: none. */
export async function findMissingPostings (store: Store, n: number, entries: Entry[]): Promise<number | null> {
  const first = entries[0]?.header.seq
  if (first === undefined) return null
  const end = first + entries.length
  let missing: number | null = null
  for (const family of POSTING_FAMILIES) {
    const wanted = new Map<string, number[]>()
    for (const { header } of entries) {
      const value = { stream: header.stream, type: header.type, issuer: header.issuer_oid, subject: header.subject_oid }[family]
      if (value !== null) wanted.set(value, [...wanted.get(value) ?? [], header.seq])
    }
    for (const [value, seqs] of wanted) {
      const held = await postedSeqs(store, n, family, value, first, end)
      for (const seq of seqs) if (!held.has(seq) && (missing === null || seq < missing)) missing = seq
    }
  }
  return missing
}

async function postedSeqs (store: Store, n: number, family: PostingFamily, value: string, from: number, to: number): Promise<Set<number>> {
  const before = await store.all({ ...nameRange(family, n, value, 0, from), reverse: true, limit: 1 })
  const blocks = await store.all(nameRange(family, n, value, from, to))
  return new Set([...before, ...blocks].flatMap(([key, block]) => decodePosting(seqOf(key), block)))
}
