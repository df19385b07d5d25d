/** What an index is accused of, and the part of it that shows it. JSON; see docs/FORMATS.md §11. */
import { hasExactly, isObject } from '../grammar.js'
import { isHash, type Hash } from '../hash.js'
import { isHex, isMapProof, isPlace, isRunProof, type MapProof, type RunProof } from './index-proof.js'
import { REF_DIGITS, type ListRef } from './list.js'
import { POSTING_DIGITS, type Posting } from './posting.js'

export const LIST_FAULTS = ['omitted', 'wrong', 'order', 'count', 'shape'] as const

/**
 * `omitted`: an entry that belongs into a list is not where it would have to be. `wrong`: a posting that its entry does
 * not make, or not in this list. `order`: postings that do not rise. `count`: more entries than the list is said to
 * have. `shape`: a map that nobody builds.
 */
export interface ListCharge {
  fault: (typeof LIST_FAULTS)[number]
  key: Hash
  map: MapProof
  /** Without entries: each item is a posting or a subtree. null: none is needed. */
  run: RunProof | null
}

/** A subtree whose times are not those of what is below it. */
export interface RangeCharge {
  fault: 'range'
  key: Hash
  map: MapProof
  way: RangeWay
}

/** From a list's ref down to the one that lies, each with its two parts as they were committed to. */
export interface RangeWay {
  /** The first position below the one that lies. */
  position: number
  pairs: [left: ListRef, right: ListRef][]
  /** What is below the one that lies when that is one position; null: the last pair is. */
  posting: Posting | null
}

/** Two index entries of one size with different roots: the later one is shown as the accusing entry. */
export interface RootsCharge {
  fault: 'two-roots'
}

export type IndexCharge = ListCharge | RangeCharge | RootsCharge
export const FAULT_KINDS = [...LIST_FAULTS, 'range', 'two-roots'] as const
/** What can be wrong with an index: see docs/FORMATS.md §11. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** Levels of a tree of 2^48 positions, and one more. */
const MAX_PAIRS = 49

export function isIndexCharge(value: unknown): value is IndexCharge {
  if (!isObject(value)) return false
  if (value.fault === 'two-roots') return hasExactly(value, ['fault'])
  if (value.fault === 'range')
    return (
      hasExactly(value, ['fault', 'key', 'map', 'way']) &&
      isHash(value.key) &&
      isMapProof(value.map) &&
      isWay(value.way)
    )
  return (
    hasExactly(value, ['fault', 'key', 'map', 'run']) &&
    LIST_FAULTS.includes(value.fault as ListCharge['fault']) &&
    isHash(value.key) &&
    isMapProof(value.map) &&
    (value.run === null || isRunProof(value.run))
  )
}

function isWay(value: unknown): value is RangeWay {
  return (
    hasExactly(value, ['position', 'pairs', 'posting']) &&
    isPlace(value.position) &&
    Array.isArray(value.pairs) &&
    value.pairs.length <= MAX_PAIRS &&
    value.pairs.every(
      (pair) => Array.isArray(pair) && pair.length === 2 && pair.every((ref) => isHex(ref, REF_DIGITS))
    ) &&
    (value.posting === null || isHex(value.posting, POSTING_DIGITS))
  )
}
