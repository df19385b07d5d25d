/**
 * One proof for several leaves of a tree of RFC 6962: the roots of the largest subtrees that hold none of them, from
 * left to right. Neighbours share almost all of it: any number of consecutive leaves costs two paths at the most.
 */
import { LedgermeshError } from './errors.js'
import { isHash, type Hash } from './hash.js'
import { isSize, join, largestPowerBelow, merkleRoot, rangeRoots, type Nodes, type Range } from './merkle.js'

/** A leaf that is shown. */
export interface ShownLeaf {
  index: number
  hash: Hash
}

/** Proof that the leaves at `indexes`, ascending, are under `merkleRoot(leaves)`. Throws BAD_PROOF for others. */
export function multiproof(leaves: readonly Hash[], indexes: readonly number[]): Hash[] {
  return unshownRanges(indexes, leaves.length).map(([start, size]) => merkleRoot(leaves.slice(start, start + size)))
}

/** `multiproof` without holding the leaves. */
export async function proveLeaves(nodes: Nodes, indexes: readonly number[], size: number): Promise<Hash[]> {
  return await rangeRoots(nodes, unshownRanges(indexes, size))
}

/** Leaves of one tree, with the proof for all of them. */
export interface ShownLeaves {
  leaves: readonly ShownLeaf[]
  proof: readonly Hash[]
}

/**
 * The proof for other leaves, from what several proofs of one tree show: they were checked against its root. Throws
 * BAD_PROOF when they do not show enough.
 */
export function recutMultiproof(size: number, shown: readonly ShownLeaves[], indexes: readonly number[]): Hash[] {
  const known = new Map<string, Hash>()
  for (const one of shown) noteNodes(one, size, known)
  return unshownRanges(indexes, size).map(([start, width]) => {
    const hash = known.get(`${start}/${width}`)
    if (hash === undefined) throw new LedgermeshError('BAD_PROOF', `nothing shows the entries from ${start} on`)
    return hash
  })
}

/** Every subtree that a proof names, or that follows from it. */
function noteNodes({ leaves, proof }: ShownLeaves, size: number, known: Map<string, Hash>): void {
  if (!isShown(leaves, size)) throw new LedgermeshError('BAD_PROOF', `not leaves of a tree of ${size}`)
  let used = 0
  const note = (start: number, width: number, first: number, end: number): Hash => {
    let hash: Hash | undefined
    if (first === end) hash = proof[used++]
    else if (width === 1) hash = leaves[first]!.hash
    else {
      const left = largestPowerBelow(width)
      const middle = firstFrom(leaves, start + left, first, end)
      const before = note(start, left, first, middle)
      hash = join(before, note(start + left, width - left, middle, end))
    }
    if (hash === undefined) throw new LedgermeshError('BAD_PROOF', 'a proof that is too short')
    known.set(`${start}/${width}`, hash)
    return hash
  }
  note(0, size, 0, leaves.length)
}

/**
 * Are these leaves, ascending and at least one, at their indexes in the tree of `size` leaves with that root? Never
 * throws. The work grows with the leaves and the proof that are given, not with `size`.
 */
export function verifyMultiproof(claim: {
  leaves: readonly ShownLeaf[]
  size: number
  root: Hash
  proof: readonly Hash[]
}): boolean {
  const { leaves, size, root, proof } = claim
  if (!isShown(leaves, size) || !proof.every(isHash)) return false
  let used = 0
  // Null: the proof is too short.
  const hashOf = (start: number, width: number, first: number, end: number): Hash | null => {
    if (first === end) return proof[used++] ?? null
    if (width === 1) return leaves[first]!.hash
    const left = largestPowerBelow(width)
    const middle = firstFrom(leaves, start + left, first, end)
    const before = hashOf(start, left, first, middle)
    const after = before === null ? null : hashOf(start + left, width - left, middle, end)
    return after === null ? null : join(before!, after)
  }
  return hashOf(0, size, 0, leaves.length) === root && used === proof.length
}

function isShown(leaves: readonly ShownLeaf[], size: number): boolean {
  return (
    isSize(size) &&
    leaves.length > 0 &&
    leaves.every(({ index, hash }, at) => isHash(hash) && isPlace(index, at === 0 ? -1 : leaves[at - 1]!.index, size))
  )
}

function isPlace(index: number, before: number, size: number): boolean {
  return isSize(index) && index > before && index < size
}

/** The largest subtrees without a shown leaf, from left to right. */
function unshownRanges(indexes: readonly number[], size: number): Range[] {
  if (
    !isSize(size) ||
    indexes.length === 0 ||
    !indexes.every((index, at) => isPlace(index, indexes[at - 1] ?? -1, size))
  )
    throw new LedgermeshError('BAD_PROOF', `not the places of leaves among ${size}, ascending`)
  const shown = indexes.map((index) => ({ index }))
  const ranges: Range[] = []
  const collect = (start: number, width: number, first: number, end: number): void => {
    if (first === end) ranges.push([start, width])
    else if (width > 1) {
      const left = largestPowerBelow(width)
      const middle = firstFrom(shown, start + left, first, end)
      collect(start, left, first, middle)
      collect(start + left, width - left, middle, end)
    }
  }
  collect(0, size, 0, shown.length)
  return ranges
}

/** The first of leaves[first … end) whose index is `from` or more; `end`: none. */
function firstFrom(leaves: readonly { index: number }[], from: number, first: number, end: number): number {
  let [low, high] = [first, end]
  while (low < high) {
    const middle = (low + high) >> 1
    if (leaves[middle]!.index < from) low = middle + 1
    else high = middle
  }
  return low
}
