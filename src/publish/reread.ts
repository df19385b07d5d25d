import type { Hash } from '../core/hash.js'
import type { PublicFolder } from './public-folder.js'
import { damaged, readBundle, readTile } from './published.js'
import { BUNDLES, tilesOf } from './tile.js'
import { TileTree, type HashTile } from './tile-tree.js'

/**
 * The root over `size` entries, from the bundles on the disk that a tree of `before` entries had not, beside what the
 * tiles on the disk say of the others. Throws BAD_FILE when a file is not there, or a tile has other hashes than what lies
 * below it. From 0: the whole folder.
 */
export async function reread(folder: PublicFolder, before: number, size: number): Promise<Hash> {
  const tree = (await TileTree.at(before, (tile) => readTile(folder, tile))).withoutPartialBundle()
  const check = async ({ hashes, ...tile }: HashTile): Promise<void> => {
    const there = await readTile(folder, tile)
    if (there.some((hash, at) => hash !== hashes[at])) throw damaged(tile)
  }
  for (const tile of tilesOf(before, size)) {
    if (tile.level !== BUNDLES) break
    for (const { hash } of await readBundle(folder, tile)) for (const full of tree.push(hash)) await check(full)
  }
  for (const tile of tree.partial()) await check(tile)
  return tree.root()
}
