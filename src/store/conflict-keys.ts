/** Keys of what conflicts are found by: a rule's number, then the conflict, then where the entry stands. */
import { FAMILY, SEQ_BYTES, type Family, type KeyRange } from './keys.js'

/** Bytes of a conflict's id in keys. */
const CONFLICT_BYTES = 16
const RULE_BYTES = 2
const HASH_BYTES = 32
/** A ledger's number and a seq, at the end of a key. */
const PLACE_BYTES = 4 + SEQ_BYTES
/** Where rule and conflict end, and the place begins, in keys of the families claim and resolution. */
const SUBJECT_END = 1 + RULE_BYTES + CONFLICT_BYTES
/** The highest number of a rule. */
export const MAX_RULE_NUMBER = 2 ** 16 - 1

export function ruleKey(number: number): Buffer {
  return ofRule('rule', number)
}

/** What a family has of one rule. */
export function ruleRange(family: 'claim' | 'conflict' | 'seen' | 'resolution', rule: number): KeyRange {
  const gte = ofRule(family, rule)
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(CONFLICT_BYTES + 1, 0xff)]) }
}

/** `id`: c and 32 hex digits. */
export function conflictKey(rule: number, id: string): Buffer {
  return ofConflict('conflict', rule, id)
}

/** What a family has of one conflict, from ledger number `n` on. */
export function conflictRange(family: 'claim' | 'seen' | 'resolution', rule: number, id: string, n = 0): KeyRange {
  const prefix = ofConflict(family, rule, id)
  return {
    gte: n === 0 ? prefix : Buffer.concat([prefix, placeBytes(n, 0)]),
    lt: Buffer.concat([prefix, Buffer.alloc(2 * CONFLICT_BYTES + PLACE_BYTES + 1, 0xff)])
  }
}

export function claimKey(
  family: 'claim' | 'resolution',
  rule: number,
  id: string,
  ledgerNumber: number,
  seq: number
): Buffer {
  return atPlace(family, rule, id, ledgerNumber, seq, 0)
}

/**
 * The key of a claim, by the digest that the conflict's id is the beginning of, 64 hex digits: it is made for every
 * entry that a rule matches, and a text that was just put together is slow to read.
 */
export function claimKeyOfDigest(rule: number, digest: string, ledgerNumber: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(SUBJECT_END + PLACE_BYTES)
  key[0] = FAMILY.claim
  key.writeUInt16BE(rule, 1)
  key.write(digest, 1 + RULE_BYTES, CONFLICT_BYTES, 'hex')
  key.writeUInt32BE(ledgerNumber, SUBJECT_END)
  key.writeUIntBE(seq, SUBJECT_END + 4, SEQ_BYTES)
  return key
}

/** Those of one ledger below `to`. */
export function claimRange(
  family: 'claim' | 'resolution',
  rule: number,
  id: string,
  ledgerNumber: number,
  to: number
): KeyRange {
  return { gte: claimKey(family, rule, id, ledgerNumber, 0), lt: claimKey(family, rule, id, ledgerNumber, to) }
}

/** `target`: a hash, hex. */
export function seenKey(rule: number, id: string, target: string, ledgerNumber: number, seq: number): Buffer {
  const key = atPlace('seen', rule, id, ledgerNumber, seq, HASH_BYTES)
  key.write(target, 1 + RULE_BYTES + CONFLICT_BYTES, 'hex')
  return key
}

export function seenRange(rule: number, id: string, target: string): KeyRange {
  const gte = Buffer.concat([ofConflict('seen', rule, id), Buffer.from(target, 'hex')])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(PLACE_BYTES + 1, 0xff)]) }
}

/** The target in a seen key, hex. */
export function targetOf(key: Buffer): string {
  return key.toString('hex', 1 + RULE_BYTES + CONFLICT_BYTES, key.length - PLACE_BYTES)
}

/** The ledger number before the seq at the end of a key. */
export function ledgerBeforeSeq(key: Buffer): number {
  return key.readUInt32BE(key.length - PLACE_BYTES)
}

export function conflictByStateKey(state: number, first: number, rule: number, id: string): Buffer {
  const head = Buffer.alloc(2 + SEQ_BYTES)
  head[0] = FAMILY.conflictByState
  head[1] = state
  head.writeUIntBE(first, 2, SEQ_BYTES)
  return Buffer.concat([head, conflictKey(rule, id).subarray(1)])
}

export function conflictByStateRange(state: number): KeyRange {
  return { gte: Buffer.of(FAMILY.conflictByState, state), lt: Buffer.of(FAMILY.conflictByState, state + 1) }
}

export function touchedKey(ledgerNumber: number, seq: number, rule: number, id: string): Buffer {
  const key = Buffer.allocUnsafe(1 + PLACE_BYTES + RULE_BYTES + CONFLICT_BYTES)
  key[0] = FAMILY.touched
  key.writeUInt32BE(ledgerNumber, 1)
  key.writeUIntBE(seq, 5, SEQ_BYTES)
  key.writeUInt16BE(rule, 1 + PLACE_BYTES)
  key.write(id.slice(1), 1 + PLACE_BYTES + RULE_BYTES, 'hex')
  return key
}

/** One key to be looked at. */
export interface Touched {
  seq: number
  rule: number
  id: string
}

/** Items of one row: writing a row for each would cost as much as the claims. */
const TOUCHED_ITEMS = 64
const ITEM_BYTES = SEQ_BYTES + RULE_BYTES + CONFLICT_BYTES

/**
 * Rows for what rows of the families claim and resolution have looked at: the first item is in the key, those after it
 * in the value. `keys` of one ledger, ascending by seq. It is done for every claim: bytes are copied as they stand.
 */
export function touchedRows(keys: readonly Buffer[]): [key: Buffer, value: Buffer][] {
  const rows: [Buffer, Buffer][] = []
  for (let index = 0; index < keys.length; index += TOUCHED_ITEMS) {
    const first = keys[index]!
    const key = Buffer.allocUnsafe(1 + PLACE_BYTES + RULE_BYTES + CONFLICT_BYTES)
    key[0] = FAMILY.touched
    first.copy(key, 1, SUBJECT_END, SUBJECT_END + PLACE_BYTES)
    first.copy(key, 1 + PLACE_BYTES, 1, SUBJECT_END)
    const others = Math.min(TOUCHED_ITEMS, keys.length - index) - 1
    const value = Buffer.allocUnsafe(others * ITEM_BYTES)
    for (let place = 0; place < others; place++) {
      const other = keys[index + 1 + place]!
      const start = place * ITEM_BYTES
      other.copy(value, start, SUBJECT_END + 4, SUBJECT_END + PLACE_BYTES)
      other.copy(value, start + SEQ_BYTES, 1, SUBJECT_END)
    }
    rows.push([key, value])
  }
  return rows
}

/** What a row made by `touchedRows` touches; bytes that are no item are passed over: it is looked at again anyway. */
export function touchedItems(key: Buffer, value: Buffer): [Touched, ...Touched[]] {
  const items: [Touched, ...Touched[]] = [{ seq: key.readUIntBE(5, SEQ_BYTES), ...conflictOf(key) }]
  for (let start = 0; start + ITEM_BYTES <= value.length; start += ITEM_BYTES)
    items.push({
      seq: value.readUIntBE(start, SEQ_BYTES),
      rule: value.readUInt16BE(start + SEQ_BYTES),
      id: `c${value.toString('hex', start + SEQ_BYTES + RULE_BYTES, start + ITEM_BYTES)}`
    })
  return items
}

/**
 * A row that stays: a search that finds nothing in the families before ends here, and not behind all that was deleted
 * from this family. LevelDB steps over every deleted key until a compaction has taken it away.
 */
export const TOUCHED_FENCE = Buffer.of(FAMILY.touched)

/** What is to be looked at of ledger number `n`, from ≤ seq < to. */
export function touchedRange(ledgerNumber: number, from: number, to: number): KeyRange {
  return {
    gte: Buffer.concat([Buffer.of(FAMILY.touched), placeBytes(ledgerNumber, from)]),
    lt: Buffer.concat([Buffer.of(FAMILY.touched), placeBytes(ledgerNumber, to)])
  }
}

/** Rule and conflict at the end of a key of the families conflict, conflictByState and touched. */
export function conflictOf(key: Buffer): { rule: number; id: string } {
  return {
    rule: key.readUInt16BE(key.length - CONFLICT_BYTES - RULE_BYTES),
    id: `c${key.toString('hex', key.length - CONFLICT_BYTES)}`
  }
}

/** Rule and conflict at the beginning of a key of the families claim, seen and resolution. */
export function conflictBefore(key: Buffer): { rule: number; id: string } {
  return conflictOf(key.subarray(0, 1 + RULE_BYTES + CONFLICT_BYTES))
}

function ofRule(family: Family, rule: number): Buffer {
  const key = Buffer.alloc(1 + RULE_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt16BE(rule, 1)
  return key
}

function ofConflict(family: Family, rule: number, id: string): Buffer {
  const key = Buffer.alloc(1 + RULE_BYTES + CONFLICT_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt16BE(rule, 1)
  key.write(id.slice(1), 1 + RULE_BYTES, 'hex')
  return key
}

/** One allocation: it is done for every claim. `between`: bytes that the caller fills. */
function atPlace(family: Family, rule: number, id: string, ledgerNumber: number, seq: number, between: number): Buffer {
  const key = Buffer.allocUnsafe(1 + RULE_BYTES + CONFLICT_BYTES + between + PLACE_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt16BE(rule, 1)
  key.write(id.slice(1), 1 + RULE_BYTES, 'hex')
  key.writeUInt32BE(ledgerNumber, key.length - PLACE_BYTES)
  key.writeUIntBE(seq, key.length - SEQ_BYTES, SEQ_BYTES)
  return key
}

function placeBytes(ledgerNumber: number, seq: number): Buffer {
  const bytes = Buffer.alloc(PLACE_BYTES)
  bytes.writeUInt32BE(ledgerNumber, 0)
  bytes.writeUIntBE(seq, 4, SEQ_BYTES)
  return bytes
}
