/**
 * A tree that grows tile by tile: the right edge of each level, in memory. What it hands out are the tiles that are full;
 * the partial ones are asked for when the tree has the size that is published.
 */
import { LedgermeshError } from '../core/errors.js'
import { fromHex, toHex, type Hash } from '../core/hash.js'
import { EMPTY_ROOT, join, merkleRoot } from '../core/merkle.js'
import { HASH_BYTES } from '../core/limits.js'
import { TILE_HASHES } from './limits.js'
import { hashesAt, type Tile } from './tile.js'

export type HashTile = Tile & { hashes: Hash[] }

export class TileTree {
  /** The hashes of the last tile of each level that is not full; a level of tiles above a full one is one longer. */
  readonly #edge: Hash[][]
  #size: number

  private constructor(size: number, edge: Hash[][]) {
    this.#size = size
    this.#edge = edge
  }

  static empty(): TileTree {
    return new TileTree(0, [])
  }

  /**
   * The tree of `size` leaves from the partial tiles at its right edge. Throws MALFORMED when one of them has another
   * width.
   */
  static async at(size: number, read: (tile: Tile) => Promise<Hash[]>): Promise<TileTree> {
    const edge: Hash[][] = []
    for (let level = 0; hashesAt(level, size) > 0; level++) {
      const width = hashesAt(level, size) % TILE_HASHES
      const index = Math.floor(hashesAt(level, size) / TILE_HASHES)
      const hashes = width === 0 ? [] : await read({ level, index, width })
      if (hashes.length !== width)
        throw new LedgermeshError('MALFORMED', `a tile of ${hashes.length} hashes, not ${width}`)
      edge.push(hashes)
    }
    return new TileTree(size, edge)
  }

  /** The tree of the entries in full bundles alone. */
  withoutPartialBundle(): TileTree {
    const [leaves = [], ...above] = this.#edge
    return new TileTree(this.#size - leaves.length, [[], ...above.map((hashes) => [...hashes])])
  }

  get size(): number {
    return this.#size
  }

  /** The tiles that this leaf fills, from level 0 on. */
  push(leaf: Hash): HashTile[] {
    const full: HashTile[] = []
    this.#size++
    let hash = leaf
    for (let level = 0; ; level++) {
      const hashes = (this.#edge[level] ??= [])
      hashes.push(hash)
      if (hashes.length < TILE_HASHES) return full
      full.push({ level, index: hashesAt(level + 1, this.#size) - 1, width: TILE_HASHES, hashes })
      hash = merkleRoot(hashes)
      this.#edge[level] = []
    }
  }

  /** The tiles that are not full. */
  partial(): HashTile[] {
    return this.#edge.flatMap((hashes, level) =>
      hashes.length === 0
        ? []
        : [
            {
              level,
              index: Math.floor(hashesAt(level, this.#size) / TILE_HASHES),
              width: hashes.length,
              hashes: [...hashes]
            }
          ]
    )
  }

  /** RFC 6962: what stands at the right end of a level is a smaller tree beside all that is left of it. */
  root(): Hash {
    let right: Hash | null = null
    for (const hashes of this.#edge) {
      // the perfect subtrees of one level, largest first, with what the lower levels left over at their right
      const subtrees = perfect(hashes)
      if (right !== null) subtrees.push(right)
      if (subtrees.length > 0) right = subtrees.reduceRight((after, before) => join(before, after))
    }
    return right ?? EMPTY_ROOT
  }
}

export function encodeTile(hashes: readonly Hash[]): Uint8Array {
  return fromHex(hashes.join(''))
}

export function decodeTile(bytes: Uint8Array): Hash[] {
  return Array.from({ length: Math.ceil(bytes.length / HASH_BYTES) }, (_, at) =>
    toHex(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES))
  )
}

/** The roots of the perfect subtrees over the hashes, the largest first. */
function perfect(hashes: readonly Hash[]): Hash[] {
  const roots: Hash[] = []
  let at = 0
  for (let width = TILE_HASHES / 2; width >= 1; width /= 2) {
    if (at + width > hashes.length) continue
    roots.push(merkleRoot(hashes.slice(at, at + width)))
    at += width
  }
  return roots
}
