/** What an index proves about one value: its place in the map, and a run of its list. JSON; see docs/FORMATS.md §11. */
import { hasExactly, isInteger } from '../grammar.js'
import { isHash, type Hash } from '../hash.js'
import { REF_DIGITS, type ListRef } from './list.js'
import { FAMILIES, POSTING_DIGITS, type Family, type Posting } from './posting.js'

/**
 * Hashes beside one path through the map. A longer path needs two keys that share 80 bits, which takes too much work to
 * find.
 */
export const MAX_SIBLINGS = 80
/** Items of one run. */
export const MAX_RUN_ITEMS = 16_384
/** Subtrees left out in a row: after these a posting must be shown, so that the proof of a wrong index stays small. */
export const MAX_SKIPPED_IN_A_ROW = 16
/** Refs beside a run: two for each level of a tree of 2^53. */
const MAX_OUTSIDE = 106

/** The path to a key. */
export interface MapProof {
  /** The hashes beside the path, from the root down; zeros for empty subtrees. */
  siblings: Hash[]
  /** What is at the end of the path: the value's leaf, the leaf of another value, or nothing. */
  leaf: { key: Hash; count: number; list: ListRef } | null
}

/** One or several positions of a list, in its order. */
export type RunItem =
  /** The posting of an entry that comes with the proof, by its seq. */
  | { entry: number }
  | { posting: Posting }
  /** A perfect subtree of `width` positions, all of it outside of the time range. */
  | { skipped: ListRef; width: number }

/** Positions of a list that follow one another, and the refs of the largest subtrees without any of them. */
export interface RunProof {
  first: number
  items: RunItem[]
  outside: ListRef[]
}

/** What the index shows about a question. */
export interface IndexProof {
  /** The list that was searched, one of those that contain every match. */
  family: Family
  map: MapProof
  /** null: the value is not in the map. */
  run: RunProof | null
}

export function isIndexProof(value: unknown): value is IndexProof {
  return (
    hasExactly(value, ['family', 'map', 'run']) &&
    typeof value.family === 'string' &&
    Object.hasOwn(FAMILIES, value.family) &&
    isMapProof(value.map) &&
    (value.run === null || isRunProof(value.run))
  )
}

export function isMapProof(value: unknown): value is MapProof {
  return (
    hasExactly(value, ['siblings', 'leaf']) &&
    isList(value.siblings, MAX_SIBLINGS, isHash) &&
    (value.leaf === null ||
      (hasExactly(value.leaf, ['key', 'count', 'list']) &&
        isHash(value.leaf.key) &&
        isPlace(value.leaf.count) &&
        isHex(value.leaf.list, REF_DIGITS)))
  )
}

export function isRunProof(value: unknown): value is RunProof {
  return (
    hasExactly(value, ['first', 'items', 'outside']) &&
    isPlace(value.first) &&
    isList(value.items, MAX_RUN_ITEMS, isItem) &&
    isList(value.outside, MAX_OUTSIDE, (ref) => isHex(ref, REF_DIGITS))
  )
}

function isItem(value: unknown): value is RunItem {
  return (
    (hasExactly(value, ['entry']) && isPlace(value.entry)) ||
    (hasExactly(value, ['posting']) && isHex(value.posting, POSTING_DIGITS)) ||
    (hasExactly(value, ['skipped', 'width']) && isHex(value.skipped, REF_DIGITS) && isPlace(value.width))
  )
}

/** A number of 6 bytes. */
export function isPlace(value: unknown): value is number {
  return isInteger(value, 2 ** 48 - 1)
}

export function isHex(value: unknown, digits: number): value is string {
  return typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value)
}

function isList(value: unknown, most: number, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(is)
}
