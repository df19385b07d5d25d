/**
 * The map of the index lmx1: from the key of a value to its list, as a binary trie in which each leaf is at the highest
 * place where it is the only leaf. Nodes never change: keeping a root keeps the map of that moment.
 */
import { fromHex, sha256, type Hash } from '../hash.js'
import type { ListRef, PostingList } from './list.js'
import { u48 } from './posting.js'

/** The hash of an empty subtree. */
export const EMPTY: Hash = '0'.repeat(64)

/** A list that a leaf commits to. */
interface Refs {
  ref: (start: number, width: number) => ListRef
}

/** The entry of the map for one value. */
export interface MapLeaf<L extends Refs = PostingList> {
  readonly key: Hash
  readonly count: number
  readonly list: L
  hash: Hash | null
}

interface MapInner<L extends Refs> {
  readonly left: MapNode<L>
  readonly right: MapNode<L>
  hash: Hash | null
}

export type MapNode<L extends Refs = PostingList> = MapLeaf<L> | MapInner<L> | null

/** Bit `depth` of the key, from the highest one. */
export function bitOf(key: Hash, depth: number): 0 | 1 {
  return ((Number.parseInt(key[depth >> 2]!, 16) >> (3 - (depth & 3))) & 1) as 0 | 1
}

/** SHA-256(0x12 ‖ key ‖ count ‖ ref of the list). */
export function hashMapLeaf(key: Hash, count: number, list: ListRef): Hash {
  return sha256(fromHex(`12${key}${u48(count)}${list}`))
}

/** SHA-256(0x13 ‖ left ‖ right). */
export function hashMapNode(left: Hash, right: Hash): Hash {
  return sha256(fromHex(`13${left}${right}`))
}

/** SHA-256(0x14 ‖ size ‖ map): what an index entry commits to. */
export function hashIndex(size: number, map: Hash): Hash {
  return sha256(fromHex(`14${u48(size)}${map}`))
}

export function hashOf<L extends Refs>(node: MapNode<L>): Hash {
  if (node === null) return EMPTY
  return (node.hash ??= isLeaf(node)
    ? hashMapLeaf(node.key, node.count, node.list.ref(0, node.count))
    : hashMapNode(hashOf(node.left), hashOf(node.right)))
}

/** The map with one more leaf, or with the leaf of that key replaced. */
export function put<L extends Refs>(node: MapNode<L>, leaf: MapLeaf<L>, depth = 0): MapNode<L> {
  if (node === null) return leaf
  if (isLeaf(node)) return node.key === leaf.key ? leaf : split(node, leaf, depth)
  return bitOf(leaf.key, depth) === 0
    ? { left: put(node.left, leaf, depth + 1), right: node.right, hash: null }
    : { left: node.left, right: put(node.right, leaf, depth + 1), hash: null }
}

function split<L extends Refs>(one: MapLeaf<L>, other: MapLeaf<L>, depth: number): MapNode<L> {
  const [bit, otherBit] = [bitOf(one.key, depth), bitOf(other.key, depth)]
  if (bit === otherBit) {
    const below = split(one, other, depth + 1)
    return bit === 0 ? { left: below, right: null, hash: null } : { left: null, right: below, hash: null }
  }
  return bit === 0 ? { left: one, right: other, hash: null } : { left: other, right: one, hash: null }
}

/** Where the path to a key ends, and the hashes beside the path, from the node down, which is at that depth. */
export function wayTo<L extends Refs>(
  node: MapNode<L>,
  key: Hash,
  top = 0
): { end: MapLeaf<L> | null; siblings: Hash[] } {
  const siblings: Hash[] = []
  let at = node
  for (let depth = top; at !== null && !isLeaf(at); depth++) {
    const bit = bitOf(key, depth)
    siblings.push(hashOf(bit === 0 ? at.right : at.left))
    at = bit === 0 ? at.left : at.right
  }
  return { end: at, siblings }
}

/** The value's leaf; null: no entry has the value. */
export function find<L extends Refs>(node: MapNode<L>, key: Hash): MapLeaf<L> | null {
  let at = node
  for (let depth = 0; at !== null && !isLeaf(at); depth++) at = bitOf(key, depth) === 0 ? at.left : at.right
  return at?.key === key ? at : null
}

function isLeaf<L extends Refs>(node: MapLeaf<L> | MapInner<L>): node is MapLeaf<L> {
  return 'key' in node
}
