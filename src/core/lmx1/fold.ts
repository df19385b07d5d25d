/** Hashes from what a proof shows up to the signed root, without interpreting it. */
import { LedgermeshError } from '../errors.js'
import type { Hash } from '../hash.js'
import { largestPowerBelow } from '../merkle.js'
import type { MapProof, RunProof } from './index-proof.js'
import { joinRefs, leafRef, type ListRef } from './list.js'
import { bitOf, EMPTY, hashIndex, hashMapLeaf, hashMapNode } from './map.js'
import type { Posting } from './posting.js'

/** A position that is shown, or a subtree that is not. */
export interface Shown {
  at: number
  width: number
  /** null: skipped. */
  posting: Posting | null
  ref: ListRef
}

/** The root of the index over `size` entries that has this at the end of the path to `key`. */
export function foldMap(size: number, key: Hash, { siblings, leaf }: MapProof): Hash {
  let hash = leaf === null ? EMPTY : hashMapLeaf(leaf.key, leaf.count, leaf.list)
  for (let depth = siblings.length - 1; depth >= 0; depth--)
    hash = bitOf(key, depth) === 1 ? hashMapNode(siblings[depth]!, hash) : hashMapNode(hash, siblings[depth]!)
  return hashIndex(size, hash)
}

/** Is the leaf on the path to `key`, which ends after `depth` bits? */
export function isOnWay(leaf: Hash, key: Hash, depth: number): boolean {
  for (let bit = 0; bit < depth; bit++) if (bitOf(leaf, bit) !== bitOf(key, bit)) return false
  return true
}

/** The items with their positions. `postingOf` gives the postings of entries. Throws BAD_PROOF. */
export function placeItems({ first, items }: RunProof, count: number, postingOf: (seq: number) => Posting): Shown[] {
  let at = first
  const shown = items.map((item): Shown => {
    const width = 'skipped' in item ? item.width : 1
    if ('skipped' in item && (width < 2 || !isPowerOfTwo(width) || at % width !== 0))
      throw bad('a subtree that is not part of the list')
    const posting = 'skipped' in item ? null : 'posting' in item ? item.posting : postingOf(item.entry)
    const placed = { at, width, posting, ref: 'skipped' in item ? item.skipped : leafRef(posting!) }
    at += width
    return placed
  })
  if (shown.length === 0 || at > count) throw bad('a run that is not inside of the list')
  return shown
}

/** The ref of the list of `count` positions that has these. Throws BAD_PROOF. */
export function foldRun(shown: readonly Shown[], outside: readonly ListRef[], count: number): ListRef {
  const first = shown[0]!.at
  const end = shown.at(-1)!.at + shown.at(-1)!.width
  let [used, taken] = [0, 0]
  const refOf = (start: number, width: number): ListRef => {
    if (start + width <= first || start >= end) {
      if (taken === outside.length) throw bad('refs are missing')
      return outside[taken++]!
    }
    const next = shown[used]
    if (next !== undefined && next.at === start && next.width === width) {
      used++
      return next.ref
    }
    if (width === 1) throw bad('the items are not the subtrees of the list')
    const left = largestPowerBelow(width)
    const before = refOf(start, left)
    return joinRefs(before, refOf(start + left, width - left))
  }
  const ref = refOf(0, count)
  if (used !== shown.length || taken !== outside.length) throw bad('more than the list has')
  return ref
}

function isPowerOfTwo(value: number): boolean {
  let rest = value
  while (rest % 2 === 0) rest /= 2
  return rest === 1
}

export function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_PROOF', `index: ${what}`)
}
