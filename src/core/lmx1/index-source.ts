/** Where the proofs of an index are read from: from memory, or from the disk. */
import type { Hash } from '../hash.js'
import type { MapProof } from './index-proof.js'
import type { IndexSnapshot } from './index-builder.js'
import type { ListRef } from './list.js'
import { find, wayTo, type MapLeaf } from './map.js'
import { seqOf, type Posting } from './posting.js'

/** The first `count` postings of one list. */
export interface ListSource {
  readonly count: number
  posting: (position: number) => Posting | Promise<Posting>
  /** The subtree of RFC 6962 over `width` positions from `start` on. */
  ref: (start: number, width: number) => ListRef | Promise<ListRef>
}

/** An index over the first `size` entries. */
export interface IndexSource {
  readonly size: number
  way: (key: Hash) => MapProof | Promise<MapProof>
  /** null: no entry has the value. */
  list: (key: Hash) => ListSource | null | Promise<ListSource | null>
}

export function sourceOf({ size, map }: IndexSnapshot): IndexSource {
  const listOf = ({ list, count }: MapLeaf): ListSource => ({
    count,
    posting: (position) => list.posting(position),
    ref: (start, width) => list.ref(start, width)
  })
  return {
    size,
    way: (key) => {
      const { siblings, end } = wayTo(map, key)
      return {
        siblings,
        leaf: end === null ? null : { key: end.key, count: end.count, list: end.list.ref(0, end.count) }
      }
    },
    list: (key) => {
      const leaf = find(map, key)
      return leaf === null ? null : listOf(leaf)
    }
  }
}

/** The first position of a posting with that seq or a later one; `count`: none. */
export async function firstFrom(list: ListSource, seq: number): Promise<number> {
  let [low, high] = [0, list.count]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (seqOf(await list.posting(middle)) < seq) low = middle + 1
    else high = middle
  }
  return low
}
