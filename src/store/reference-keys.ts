/** Keys of what references were found to be worth (`refState`), and of what they wait for (`refWait`). */
import type { LedgerId } from '../core/ledger-id.js'
import { FAMILY, ledgerKey, LEDGER_PREFIX_BYTES, SEQ_BYTES, type KeyRange } from './keys.js'

/** One reference: the entry that has it, and which of that entry's it is, from 0. */
export interface ReferencePlace {
  ledgerNumber: number
  seq: number
  index: number
}

/** Bytes of a ledger's id as text. */
const LEDGER_BYTES = 53
const PLACE_BYTES = 4 + SEQ_BYTES + 1
const NUL = Buffer.of(0)

export function referenceKey({ ledgerNumber, seq, index }: ReferencePlace): Buffer {
  const key = Buffer.allocUnsafe(1 + PLACE_BYTES)
  key[0] = FAMILY.refState
  writePlace(key, 1, { ledgerNumber, seq, index })
  return key
}

/** The references of entries from ≤ seq < to of a ledger. */
export function referenceRange(ledgerNumber: number, from: number, to: number): KeyRange {
  return {
    gte: referenceKey({ ledgerNumber, seq: from, index: 0 }),
    lt: referenceKey({ ledgerNumber, seq: to, index: 0 })
  }
}

/** How far the entries of a ledger were looked at. */
export function lookedKey(ledgerNumber: number): Buffer {
  return ledgerKey('refState', ledgerNumber)
}

/** Null: it is a `lookedKey`. */
export function placeOfReference(key: Buffer): ReferencePlace | null {
  return key.length === LEDGER_PREFIX_BYTES ? null : readPlace(key, 1)
}

/** Bytes: what it is worth (1–5), since when (ms), and as of which size. */
export const REFERENCE_BYTES = 1 + 2 * SEQ_BYTES
const LAST_STATUS = 5

export function isReferenceValue(value: Buffer): boolean {
  return value.length === REFERENCE_BYTES && value[0]! >= 1 && value[0]! <= LAST_STATUS
}

export function waitKey(ledger: LedgerId, entryId: string, place: ReferencePlace): Buffer {
  const suffix = Buffer.allocUnsafe(PLACE_BYTES)
  writePlace(suffix, 0, place)
  return Buffer.concat([waitPrefix(ledger, entryId), NUL, suffix])
}

/** What waits for entries of a ledger, or for those with one id. */
export function waitRange(ledger: LedgerId, entryId?: string): KeyRange {
  const gte = waitPrefix(ledger, entryId ?? '')
  // No byte of UTF-8 is 0xff.
  return entryId === undefined
    ? { gte, lt: Buffer.concat([gte, Buffer.of(0xff)]) }
    : { gte: Buffer.concat([gte, NUL]), lt: Buffer.concat([gte, Buffer.of(1)]) }
}

export function ledgerOfWait(key: Buffer): LedgerId {
  return key.toString('latin1', 1, 1 + LEDGER_BYTES)
}

export function placeOfWait(key: Buffer): ReferencePlace {
  return readPlace(key, key.length - PLACE_BYTES)
}

function waitPrefix(ledger: LedgerId, entryId: string): Buffer {
  return Buffer.concat([Buffer.of(FAMILY.refWait), Buffer.from(ledger + entryId)])
}

function writePlace(key: Buffer, at: number, { ledgerNumber, seq, index }: ReferencePlace): void {
  key.writeUInt32BE(ledgerNumber, at)
  key.writeUIntBE(seq, at + 4, SEQ_BYTES)
  key[at + 4 + SEQ_BYTES] = index
}

function readPlace(key: Buffer, at: number): ReferencePlace {
  return {
    ledgerNumber: key.readUInt32BE(at),
    seq: key.readUIntBE(at + 4, SEQ_BYTES),
    index: key[at + 4 + SEQ_BYTES]!
  }
}
