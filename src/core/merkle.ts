/**
 * The Merkle tree of RFC 6962 over entry hashes. An entry hash is a leaf hash already (its 0x00 prefix is in
 * `entryHash`); an inner node is SHA-256(0x01 ‖ left ‖ right). Proofs are checked as RFC 9162 §2.1.3.2 and §2.1.4.2
 * say.
 */
import { LedgermeshError } from './errors.js'
import { fromHex, isHash, sha256, type Hash } from './hash.js'

/**
 * Hash of the perfect subtree over the leaves [index·2^level, (index+1)·2^level). Called only for levels that are
 * multiples of NODE_LEVELS (level 0 is a leaf): a store keeps those, and the levels between are recomputed.
 */
export type Nodes = (level: number, index: number) => Hash | Promise<Hash>

/** Levels between two that a store keeps: tiles of 256. */
export const NODE_LEVELS = 8

/** RFC 6962 §2.1: the root over no leaves. */
export const EMPTY_ROOT: Hash = sha256(new Uint8Array(0))

/** The inner node over two: SHA-256(0x01 ‖ left ‖ right). */
export function join(left: Hash, right: Hash): Hash {
  return sha256(fromHex(`01${left}${right}`))
}

/** A tree that only grows: it holds the roots of its perfect subtrees, at most 53, largest first. */
export class CompactTree {
  #size: number
  readonly #frontier: Hash[]

  /** Throws MALFORMED unless the frontier is that of a tree with `size` leaves. */
  constructor(size = 0, frontier: readonly Hash[] = []) {
    if (!isSize(size) || !frontier.every(isHash) || frontier.length !== size.toString(2).replaceAll('0', '').length) {
      throw new LedgermeshError('MALFORMED', 'not the frontier of a tree of that size')
    }
    this.#size = size
    this.#frontier = [...frontier]
  }

  get size(): number {
    return this.#size
  }

  /** The state that the constructor accepts. */
  get frontier(): Hash[] {
    return [...this.#frontier]
  }

  /**
   * `completed` is called for every perfect subtree that this leaf completes at a level that a store keeps (not for the
   * leaf itself).
   */
  append(leaf: Hash, completed?: (level: number, index: number, hash: Hash) => void): void {
    let node = leaf
    let level = 0
    let index = this.#size
    while (index % 2 === 1) {
      node = join(this.#frontier.pop()!, node)
      index = (index - 1) / 2
      level++
      if (level % NODE_LEVELS === 0) completed?.(level, index, node)
    }
    this.#frontier.push(node)
    this.#size++
  }

  root(): Hash {
    return this.#frontier.length === 0 ? EMPTY_ROOT : this.#frontier.reduceRight((right, left) => join(left, right))
  }
}

/** The root over the leaves, in order. */
export function merkleRoot(leaves: readonly Hash[]): Hash {
  const tree = new CompactTree()
  for (const leaf of leaves) tree.append(leaf)
  return tree.root()
}

/** Proof that `leaves[index]` is under `merkleRoot(leaves)`. Throws BAD_PROOF when there is no such leaf. */
export function inclusionProof(leaves: readonly Hash[], index: number): Hash[] {
  return inclusionRanges(index, leaves.length).map(([start, size]) => merkleRoot(leaves.slice(start, start + size)))
}

/**
 * Proof that the tree over the first `size1` leaves is a prefix of the tree over all leaves. Throws BAD_PROOF unless 1
 * ≤ size1 ≤ the number of leaves.
 */
export function consistencyProof(leaves: readonly Hash[], size1: number): Hash[] {
  return consistencyRanges(size1, leaves.length).map(([start, size]) => merkleRoot(leaves.slice(start, start + size)))
}

/** The root over the first `size` leaves. */
export async function rootFrom(nodes: Nodes, size: number): Promise<Hash> {
  if (!isSize(size)) throw new LedgermeshError('BAD_PROOF', `no tree has ${size} leaves`)
  return size === 0 ? EMPTY_ROOT : await rangeRoot(nodes, [0, size])
}

/** `inclusionProof` without holding the leaves: reads at most 255 nodes for every eight levels. */
export async function proveInclusion(nodes: Nodes, index: number, size: number): Promise<Hash[]> {
  return await rangeRoots(nodes, inclusionRanges(index, size))
}

/** `consistencyProof` without holding the leaves. */
export async function proveConsistency(nodes: Nodes, size1: number, size2: number): Promise<Hash[]> {
  return await rangeRoots(nodes, consistencyRanges(size1, size2))
}

/** Does the proof lead from `leaf`, at `index` of `size` leaves, to the root? Never throws. */
export function verifyInclusion(claim: {
  index: number | bigint
  size: number | bigint
  leaf: Hash
  root: Hash
  proof: readonly Hash[]
}): boolean {
  const { leaf, root, proof } = claim
  let node = exact(claim.index)
  let last = exact(claim.size) - 1n
  if (node < 0n || node > last || !isHash(leaf) || !proof.every(isHash)) return false
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0n) return false
    if (isOdd(node) || node === last) {
      hash = join(sibling, hash)
      while (!isOdd(node) && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else hash = join(hash, sibling)
    node >>= 1n
    last >>= 1n
  }
  return last === 0n && hash === root
}

/**
 * Does the proof show that the tree with `root1` is a prefix of the tree with `root2`? Never for an empty first tree,
 * which proves nothing. Never throws.
 */
export function verifyConsistency(claim: {
  size1: number | bigint
  size2: number | bigint
  root1: Hash
  root2: Hash
  proof: readonly Hash[]
}): boolean {
  const { root1, root2 } = claim
  const size1 = exact(claim.size1)
  const size2 = exact(claim.size2)
  if (size1 < 1n || size1 > size2 || !claim.proof.every(isHash)) return false
  if (size1 === size2) return claim.proof.length === 0 && root1 === root2
  // A perfect first tree is a node of the second one: the proof leaves that node out, because the verifier has it.
  const proof = (size1 & (size1 - 1n)) === 0n ? [root1, ...claim.proof] : [...claim.proof]
  let node = size1 - 1n
  let last = size2 - 1n
  while (isOdd(node)) {
    node >>= 1n
    last >>= 1n
  }
  let hash1 = proof.shift()
  if (hash1 === undefined || !isHash(hash1)) return false
  let hash2 = hash1
  for (const sibling of proof) {
    if (last === 0n) return false
    if (isOdd(node) || node === last) {
      hash1 = join(sibling, hash1)
      hash2 = join(sibling, hash2)
      while (!isOdd(node) && node !== 0n) {
        node >>= 1n
        last >>= 1n
      }
    } else hash2 = join(hash2, sibling)
    node >>= 1n
    last >>= 1n
  }
  return last === 0n && hash1 === root1 && hash2 === root2
}

/** Consecutive leaves: [start, size]. */
export type Range = [number, number]

/** RFC 6962 §2.1.1, PATH: the ranges whose roots are the proof. */
function inclusionRanges(index: number, size: number): Range[] {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new LedgermeshError('BAD_PROOF', `no leaf ${index} among ${size}`)
  const ranges: Range[] = []
  let [start, length] = [0, size]
  while (length > 1) {
    const left = largestPowerBelow(length)
    if (index < start + left) {
      ranges.push([start + left, length - left])
      length = left
    } else {
      ranges.push([start, left])
      start += left
      length -= left
    }
  }
  return ranges.reverse()
}

/** RFC 6962 §2.1.2, SUBPROOF: the ranges whose roots are the proof. */
function consistencyRanges(size1: number, size2: number): Range[] {
  if (!isSize(size1) || !isSize(size2) || size1 < 1 || size1 > size2)
    throw new LedgermeshError('BAD_PROOF', `${size1} leaves are no prefix of ${size2}`)
  const ranges: Range[] = []
  let [start, length] = [0, size2]
  while (start + length !== size1) {
    const left = largestPowerBelow(length)
    if (size1 <= start + left) {
      ranges.push([start + left, length - left])
      length = left
    } else {
      ranges.push([start, left])
      start += left
      length -= left
    }
  }
  if (start !== 0) ranges.push([start, length])
  return ranges.reverse()
}

/** The roots over ranges, each of them a subtree of one RFC 6962 tree. */
export async function rangeRoots(nodes: Nodes, ranges: Range[]): Promise<Hash[]> {
  const roots: Hash[] = []
  for (const range of ranges) roots.push(await rangeRoot(nodes, range))
  return roots
}

async function rangeRoot(nodes: Nodes, [start, size]: Range): Promise<Hash> {
  const left = size === 1 ? 1 : largestPowerBelow(size)
  if (size > 1 && left * 2 !== size)
    return join(await rangeRoot(nodes, [start, left]), await rangeRoot(nodes, [start + left, size - left]))
  return await perfectRoot(nodes, Math.log2(size), start / size)
}

async function perfectRoot(nodes: Nodes, level: number, index: number): Promise<Hash> {
  if (level % NODE_LEVELS === 0) return await nodes(level, index)
  return join(await perfectRoot(nodes, level - 1, index * 2), await perfectRoot(nodes, level - 1, index * 2 + 1))
}

/** Where RFC 6962 splits a tree of `size` leaves, 2 or more: the largest power of two below it. */
export function largestPowerBelow(size: number): number {
  let power = 1
  while (power * 2 < size) power *= 2
  return power
}

/** A number of leaves, or the index of one. */
export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n
}

/** -1 for an invalid size. */
function exact(value: number | bigint): bigint {
  return typeof value === 'bigint' ? value : isSize(value) ? BigInt(value) : -1n
}
