import type { Hash } from '../../core/hash.js'
import { hashMapLeaf } from '../../core/lmx1/map.js'
import type { Posting } from '../../core/lmx1/posting.js'
import { indexListKey } from '../../store/index-keys.js'
import type { Op } from '../../store/store.js'
import { GROUP, GrowingList } from './growing-list.js'
import type { StoredLeaf } from './leaf-rows.js'

/** The leaf of a list with further postings, and what has to be written for them. `leaf` null: the list is new. */
export function growLeaf(
  ledgerNumber: number,
  key: Hash,
  leaf: StoredLeaf | null,
  added: readonly Posting[],
  ops: Op[]
): StoredLeaf {
  const list = new GrowingList(leaf?.count ?? 0, leaf?.frontier ?? [])
  for (const posting of added)
    for (const { level, index, ref } of list.append(posting))
      ops.push({ type: 'put', key: indexListKey(ledgerNumber, key, level, index), value: Buffer.from(ref, 'hex') })
  const { count, frontier } = list
  const hash = hashMapLeaf(key, count, list.ref())
  if (count === 1) return { key, count, hash, posting: added[0]!, frontier }
  // The only posting of a list is in its leaf.
  const postings = leaf?.posting == null ? added : [leaf.posting, ...added]
  putPostings(ledgerNumber, key, count - postings.length, postings, ops)
  return { key, count, hash, posting: null, frontier }
}

/** No row has postings of two groups. */
function putPostings(ledgerNumber: number, key: Hash, first: number, postings: readonly Posting[], ops: Op[]): void {
  for (let at = 0; at < postings.length;) {
    const position = first + at
    const room = GROUP - (position % GROUP)
    const value = Buffer.from(postings.slice(at, at + room).join(''), 'hex')
    ops.push({ type: 'put', key: indexListKey(ledgerNumber, key, 0, position), value })
    at += room
  }
}
