/** What a stored index is over. */
import { fromHex, toHex, type Hash } from '../../core/hash.js'
import { HASH_BYTES } from '../../core/limits.js'

export interface RootRow {
  /** Entries that it covers. */
  size: number
  root: Hash
  /** The hash of the last of them: which branch it is of. */
  head: Hash
}

const SIZE_BYTES = 6

export function encodeRoot({ size, root, head }: RootRow): Buffer {
  const row = Buffer.alloc(SIZE_BYTES + 2 * HASH_BYTES)
  row.writeUIntBE(size, 0, SIZE_BYTES)
  row.set(fromHex(root), SIZE_BYTES)
  row.set(fromHex(head), SIZE_BYTES + HASH_BYTES)
  return row
}

/** Null: unreadable. */
export function decodeRoot(row: Buffer): RootRow | null {
  if (row.length !== SIZE_BYTES + 2 * HASH_BYTES) return null
  return {
    size: row.readUIntBE(0, SIZE_BYTES),
    root: toHex(row.subarray(SIZE_BYTES, SIZE_BYTES + HASH_BYTES)),
    head: toHex(row.subarray(SIZE_BYTES + HASH_BYTES))
  }
}
