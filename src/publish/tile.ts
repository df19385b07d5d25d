/**
 * The files of a tree as c2sp.org/tlog-tiles names them. A tile has 256 hashes of one level, every eighth of the tree's; a
 * bundle has the 256 entries below a tile of level 0. The last one of a level has fewer, and says so in its name.
 */
import { MAX_TILE_LEVELS, TILE_HASHES } from './limits.js'

export interface Tile {
  /** -1: a bundle of entries. */
  level: number
  index: number
  /** Hashes or entries in it, 1–256. */
  width: number
}

export const BUNDLES = -1

/** `tile/<level>/x001/x234/067[.p/<width>]`; of a bundle: `tile/entries/…`. */
export function tilePath({ level, index, width }: Tile): string {
  const groups: string[] = []
  let rest = index
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'))
    rest = Math.floor(rest / 1000)
  } while (rest > 0)
  const number = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level === BUNDLES ? 'entries' : level}/${number}${width === TILE_HASHES ? '' : `.p/${width}`}`
}

/** The files that a tree of `size` leaves adds to one of `before` leaves, in an order in which each level is complete. */
export function* tilesOf(before: number, size: number): Generator<Tile> {
  for (const tile of levelTiles(0, before, size)) yield { ...tile, level: BUNDLES }
  for (let level = 0; level < MAX_TILE_LEVELS; level++) yield* levelTiles(level, before, size)
}

/**
 * Files that a tree of `before` leaves needed and one of `size` leaves no longer needs: those of tiles that are full by
 * now.
 */
export function* outgrown(before: number, size: number): Generator<Tile> {
  for (let level = BUNDLES; level < MAX_TILE_LEVELS; level++) {
    const [old, now] = [before, size].map((count) => hashesAt(level, count)) as [number, number]
    const index = Math.floor(old / TILE_HASHES)
    if (old % TILE_HASHES > 0 && now >= (index + 1) * TILE_HASHES) yield { level, index, width: old % TILE_HASHES }
  }
}

/** Hashes of a level of tiles in a tree of `size` leaves. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_HASHES ** Math.max(level, 0))
}

function* levelTiles(level: number, before: number, size: number): Generator<Tile> {
  const [old, now] = [hashesAt(level, before), hashesAt(level, size)]
  if (now === old) return
  for (let index = Math.floor(old / TILE_HASHES); index * TILE_HASHES < now; index++)
    yield { level, index, width: Math.min(TILE_HASHES, now - index * TILE_HASHES) }
}
