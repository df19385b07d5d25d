import { LedgermeshError } from '../../core/errors.js'
import { toHex, type Hash } from '../../core/hash.js'
import { CompactTree, rootFrom, type Nodes } from '../../core/merkle.js'
import type { EntryReader } from './entry-reader.js'
import { TILE_WIDTH, type Tree } from './tree.js'

/** Nodes of the tree over the first `size` entries; neighbours are read together. Throws STORE_DAMAGED. */
export function treeNodes(tree: Tree, reader: EntryReader, size: number): Nodes {
  const cache = new Map<number, { start: number; hashes: Hash[] }>()
  return async (level, index) => {
    const start = index - (index % TILE_WIDTH)
    let cached = cache.get(level)
    if (cached?.start !== start) {
      const end = Math.min(start + TILE_WIDTH, Math.floor(size / 2 ** level))
      cached = {
        start,
        hashes:
          level === 0
            ? await reader.leaves(start, end)
            : (await tree.tiles(level, start, end)).map(({ hash }) => toHex(hash))
      }
      cache.set(level, cached)
    }
    const hash = cached.hashes[index - start]
    if (hash === undefined) throw new LedgermeshError('STORE_DAMAGED', `node ${index} of level ${level} is missing`)
    return hash
  }
}

/** A growing tree of `size` leaves, from stored nodes. */
export async function compactTreeAt(nodes: Nodes, size: number): Promise<CompactTree> {
  const frontier: Hash[] = []
  let start = 0
  for (let width = 2 ** Math.floor(Math.log2(Math.max(size, 1))); width >= 1; width /= 2) {
    if (start + width > size) continue
    const offset = start
    frontier.push(await rootFrom((level, index) => nodes(level, index + offset / 2 ** level), width))
    start += width
  }
  return new CompactTree(size, frontier)
}
