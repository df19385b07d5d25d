/** Keys of the index lmx1: the leaves of its map, its lists, and what is above them. */
import { LEDGER_PREFIX_BYTES, ledgerKey, ledgerRange, SEQ_BYTES, type KeyRange } from './keys.js'

/** Bits of a list's key that say in which row of the map its leaf is. */
export const SLOT_BITS = 16
export const SLOTS = 2 ** SLOT_BITS
const SLOT_BYTES = 2
/** Bytes of a list's key that name its rows. */
const LIST_BYTES = 16

/** The leaves of one slot, as of that size of the index. */
export function indexNodeKey(ledgerNumber: number, slot: number, size: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + SLOT_BYTES + SEQ_BYTES)
  ledgerKey('indexNode', ledgerNumber).copy(key)
  key.writeUInt16BE(slot, LEDGER_PREFIX_BYTES)
  key.writeUIntBE(size, LEDGER_PREFIX_BYTES + SLOT_BYTES, SEQ_BYTES)
  return key
}

/** Null: no such key. */
export function placeOfNode(key: Buffer): { slot: number; size: number } | null {
  if (key.length !== LEDGER_PREFIX_BYTES + SLOT_BYTES + SEQ_BYTES) return null
  return {
    slot: key.readUInt16BE(LEDGER_PREFIX_BYTES),
    size: key.readUIntBE(LEDGER_PREFIX_BYTES + SLOT_BYTES, SEQ_BYTES)
  }
}

/** Level 0: postings from position `index` on; otherwise the subtree `index` of that level. */
export function indexListKey(ledgerNumber: number, list: string, level: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + LIST_BYTES + 1 + SEQ_BYTES)
  ledgerKey('indexList', ledgerNumber).copy(key)
  key.write(list.slice(0, 2 * LIST_BYTES), LEDGER_PREFIX_BYTES, 'hex')
  key[LEDGER_PREFIX_BYTES + LIST_BYTES] = level
  key.writeUIntBE(index, LEDGER_PREFIX_BYTES + LIST_BYTES + 1, SEQ_BYTES)
  return key
}

export function indexListRange(
  ledgerNumber: number,
  list: string,
  level: number,
  { from, to }: { from: number; to: number }
): KeyRange {
  return {
    gte: indexListKey(ledgerNumber, list, level, from),
    lt: indexListKey(ledgerNumber, list, level, to)
  }
}

/** What an index is over. */
export function indexRootKey(ledgerNumber: number): Buffer {
  return ledgerKey('indexRoot', ledgerNumber)
}

export function indexSlotKey(ledgerNumber: number, slot: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + SLOT_BYTES)
  ledgerKey('indexRoot', ledgerNumber).copy(key)
  key.writeUInt16BE(slot, LEDGER_PREFIX_BYTES)
  return key
}

/** Null: the key of the root, or none. */
export function slotOfKey(key: Buffer): number | null {
  return key.length === LEDGER_PREFIX_BYTES + SLOT_BYTES ? key.readUInt16BE(LEDGER_PREFIX_BYTES) : null
}

export function indexRanges(ledgerNumber: number): KeyRange[] {
  return (['indexRoot', 'indexNode', 'indexList'] as const).map((family) => ledgerRange(family, ledgerNumber))
}
