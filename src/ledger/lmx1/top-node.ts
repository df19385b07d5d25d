/** What the upper part of the map has to know of a slot. */
import { LedgermeshError } from '../../core/errors.js'
import { fromHex } from '../../core/hash.js'
import { HASH_BYTES } from '../../core/limits.js'
import { hashOf } from '../../core/lmx1/map.js'
import { slotMap, type StoredLeaf } from './leaf-rows.js'
import { BELOW, type TopNode } from './map-top.js'

export function topOf(leaves: readonly StoredLeaf[]): TopNode {
  const below = leaves.length === 0 ? BELOW.nothing : leaves.length === 1 ? BELOW.leaf : BELOW.more
  return { below, hash: Buffer.from(fromHex(hashOf(slotMap(leaves)))) }
}

export function encodeTop({ below, hash }: TopNode): Buffer {
  return Buffer.concat([Buffer.of(below), hash])
}

/** Throws STORE_DAMAGED. */
export function decodeTop(row: Buffer): TopNode {
  if (row.length !== 1 + HASH_BYTES || (row[0] !== BELOW.leaf && row[0] !== BELOW.more))
    throw new LedgermeshError('STORE_DAMAGED', 'a stored node of an index cannot be read')
  return { below: row[0], hash: row.subarray(1) }
}
