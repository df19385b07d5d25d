/** Builds the index lmx1 over a ledger's headers, in memory: the same headers always give the same index. */
import type { Header } from '../header.js'
import { LedgermeshError } from '../errors.js'
import type { Hash } from '../hash.js'
import { leafRef, PostingList } from './list.js'
import { find, hashIndex, hashOf, put, type MapNode } from './map.js'
import { postedOf, type Posted } from './posting.js'

/** The index over the first `size` entries. It does not change when the builder goes on. */
export interface IndexSnapshot {
  readonly size: number
  readonly map: MapNode
}

export class IndexBuilder {
  readonly #posted: (header: Header) => Posted
  #size = 0
  #map: MapNode = null

  /** `posted`: for tests, the postings that a dishonest author would make for an entry. */
  constructor(posted: (header: Header) => Posted = postedOf) {
    this.#posted = posted
  }

  get size(): number {
    return this.#size
  }

  /** Takes the next entry. Throws BAD_PROOF for any other one. */
  add(header: Header): void {
    if (header.seq !== this.#size)
      throw new LedgermeshError('BAD_PROOF', `entry ${header.seq} is not the next one, ${this.#size}`)
    const { posting, keys } = this.#posted(header)
    const leaf = { posting, ref: leafRef(posting) }
    for (const key of keys) {
      const list = find(this.#map, key)?.list ?? new PostingList()
      list.append(leaf)
      this.#map = put(this.#map, { key, count: list.count, list, hash: null })
    }
    this.#size++
  }

  snapshot(): IndexSnapshot {
    return { size: this.#size, map: this.#map }
  }
}

/** The index as an index entry commits to it. */
export function rootOf({ size, map }: IndexSnapshot): Hash {
  return hashIndex(size, hashOf(map))
}
