/** The leaves of the map that are stored together: those whose keys begin with the same 16 bits. */
import { LedgermeshError } from '../../core/errors.js'
import { toHex, type Hash } from '../../core/hash.js'
import { HASH_BYTES } from '../../core/limits.js'
import { leafRef, REF_DIGITS, type ListRef } from '../../core/lmx1/list.js'
import { put, type MapLeaf, type MapNode } from '../../core/lmx1/map.js'
import { POSTING_DIGITS, type Posting } from '../../core/lmx1/posting.js'
import { SLOT_BITS } from '../../store/index-keys.js'
import { GrowingList } from './growing-list.js'

/** A list as its leaf has it. `posting`: the only one; then it has no rows of its own. */
export interface StoredLeaf {
  key: Hash
  count: number
  hash: Hash
  posting: Posting | null
  frontier: readonly ListRef[]
}

const SLOT_BYTES = SLOT_BITS / 8
const COUNT_BYTES = 6
const POSTING_BYTES = POSTING_DIGITS / 2
const REF_BYTES = REF_DIGITS / 2
const REFS = new RegExp(`.{${REF_DIGITS}}`, 'g')
const FIXED_BYTES = HASH_BYTES - SLOT_BYTES + COUNT_BYTES + HASH_BYTES

export function slotOf(key: Hash): number {
  return Number.parseInt(key.slice(0, 2 * SLOT_BYTES), 16)
}

/** In any order. */
export function encodeLeaves(leaves: Iterable<StoredLeaf>): Buffer {
  let digits = ''
  for (const { key, count, hash, posting, frontier } of leaves) {
    const number = count.toString(16).padStart(2 * COUNT_BYTES, '0')
    digits += `${key.slice(2 * SLOT_BYTES)}${number}${hash}${posting ?? frontier.join('')}`
  }
  return Buffer.from(digits, 'hex')
}

/** Throws STORE_DAMAGED. */
export function decodeLeaves(slot: number, row: Buffer): StoredLeaf[] {
  const leaves: StoredLeaf[] = []
  const prefix = slot.toString(16).padStart(2 * SLOT_BYTES, '0')
  for (let at = 0; at < row.length;) {
    if (at + FIXED_BYTES > row.length) throw damaged()
    const key = prefix + toHex(row.subarray(at, (at += HASH_BYTES - SLOT_BYTES)))
    const count = row.readUIntBE(at, COUNT_BYTES)
    const hash = toHex(row.subarray((at += COUNT_BYTES), (at += HASH_BYTES)))
    const bytes = count === 1 ? POSTING_BYTES : onesOf(count) * REF_BYTES
    if (count === 0 || at + bytes > row.length) throw damaged()
    const rest = toHex(row.subarray(at, (at += bytes)))
    leaves.push(
      count === 1
        ? { key, count, hash, posting: rest, frontier: [leafRef(rest)] }
        : { key, count, hash, posting: null, frontier: rest.match(REFS) ?? [] }
    )
  }
  return leaves
}

/** The part of the map below the slot; null: nothing. */
export function slotMap(leaves: Iterable<StoredLeaf>): MapNode<{ ref: () => ListRef }> {
  let node: MapNode<{ ref: () => ListRef }> = null
  for (const leaf of leaves) node = put(node, mapLeaf(leaf), SLOT_BITS)
  return node
}

function mapLeaf({ key, count, hash, frontier }: StoredLeaf): MapLeaf<{ ref: () => ListRef }> {
  return { key, count, hash, list: { ref: () => new GrowingList(count, frontier).ref() } }
}

function onesOf(count: number): number {
  return count.toString(2).replaceAll('0', '').length
}

function damaged(): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', 'stored leaves of an index cannot be read')
}
