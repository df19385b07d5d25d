/**
 * Every key of the store, in one place. A key is one family byte, then (for what belongs to a ledger) the ledger's local number as
 * u32 and a seq as u48, big-endian, so that keys sort by seq. Names end in NUL, which no name can contain.
 */

export const FAMILY = {
  /** text → text. Schema version, incarnation, clean-stop flag, next ledger number. */
  meta: 0x00,
  /** ledger id (text) → JSON {n, own, removing, unmarked}. */
  ledger: 0x01,
  /** n → JSON: chain state, audit cursor, durable size, freeze. */
  state: 0x02,
  /** n → JSON: follow settings; their meaning is node's. */
  follow: 0x03,
  /** n → newest checkpoint note (text). */
  checkpoint: 0x04,
  /** n, evidence id (text) → evidence bytes. */
  evidence: 0x05,
  /** peer id (text) → JSON: the node record it showed or that was heard of it; its meaning is node's. */
  node: 0x06,
  /** n, seq → check (8 bytes of the entry's hash) ‖ signature (64) ‖ header. */
  entry: 0x10,
  /** n, seq → payload bytes; a family of its own, so that an erased one is gone after a compaction. */
  payload: 0x11,
  /** n, seq of the erased entry → u48 seq of the ledger.erase. */
  erased: 0x12,
  /** n, seq → nothing: a payload that is wanted and not held. */
  missing: 0x13,
  /** n, seq → nothing: genesis and rotations. */
  keyEntry: 0x14,
  /** n, level, index → node hash (32) ‖ lowest and highest timestamp below it (u48 each). Levels 8, 16 and 24 only. */
  tile: 0x15,
  /** n, evidence id (text), seq → check ‖ signature ‖ header of an entry that gave way to another branch. */
  voided: 0x16,
  /** hash (first 8 bytes), n, seq → nothing. */
  hash: 0x20,
  /** n, id NUL, seq → nothing. */
  id: 0x21,
  /** n, value NUL, first seq → posting block: the entries of one batch that have this value. */
  stream: 0x22,
  type: 0x23,
  issuer: 0x24,
  subject: 0x25
} as const

export type Family = keyof typeof FAMILY
export const POSTING_FAMILIES = ['stream', 'type', 'issuer', 'subject'] as const
export type PostingFamily = typeof POSTING_FAMILIES[number]

/** Bytes of the hash in front of an entry value and in the hash index. */
export const CHECK_BYTES = 8
export const SEQ_BYTES = 6
export const LEDGER_PREFIX_BYTES = 5
/** The highest local number of a ledger. */
export const MAX_NUMBER = 2 ** 32 - 1

/** All keys k with gte ≤ k < lt. */
export interface KeyRange { gte: Uint8Array, lt: Uint8Array }

export function textKey (family: 'meta' | 'ledger' | 'node', text: string): Buffer {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(text))
  key[0] = FAMILY[family]
  key.write(text, 1)
  return key
}

/** Text: the local number of the next ledger. */
export const NEXT_NUMBER_KEY = textKey('meta', 'next-ledger')

/** The keys of a whole family. */
export function familyRange (family: Family): KeyRange {
  return { gte: Buffer.of(FAMILY[family]), lt: Buffer.of(FAMILY[family] + 1) }
}

export function ledgerKey (family: Family, n: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(n, 1)
  return key
}

/** The keys of one ledger in a family. */
export function ledgerRange (family: Family, n: number): KeyRange {
  return { gte: ledgerKey(family, n), lt: n === MAX_NUMBER ? Buffer.of(FAMILY[family] + 1) : ledgerKey(family, n + 1) }
}

export function seqKey (family: 'entry' | 'payload' | 'erased' | 'missing' | 'keyEntry', n: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + SEQ_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(n, 1)
  key.writeUIntBE(seq, LEDGER_PREFIX_BYTES, SEQ_BYTES)
  return key
}

/** Entries from ≤ seq < to of a ledger in a family. */
export function seqRange (family: 'entry' | 'payload' | 'erased' | 'missing' | 'keyEntry', n: number, from: number, to: number): KeyRange {
  return { gte: seqKey(family, n, from), lt: seqKey(family, n, to) }
}

/** Hex digits of an evidence id that are kept in keys. */
export const EVIDENCE_ID_DIGITS = 32

export function evidenceKey (n: number, id: string): Buffer {
  return Buffer.concat([ledgerKey('evidence', n), Buffer.from(id)])
}

export function evidenceIdOf (key: Buffer): string {
  return key.toString('utf8', LEDGER_PREFIX_BYTES)
}

export function voidedKey (n: number, evidence: string, seq: number): Buffer {
  const key = Buffer.alloc(LEDGER_PREFIX_BYTES + evidence.length + SEQ_BYTES)
  ledgerKey('voided', n).copy(key)
  key.write(evidence, LEDGER_PREFIX_BYTES)
  key.writeUIntBE(seq, key.length - SEQ_BYTES, SEQ_BYTES)
  return key
}

export function tileKey (n: number, level: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + 1 + SEQ_BYTES)
  key[0] = FAMILY.tile
  key.writeUInt32BE(n, 1)
  key[LEDGER_PREFIX_BYTES] = level
  key.writeUIntBE(index, LEDGER_PREFIX_BYTES + 1, SEQ_BYTES)
  return key
}

/** `hash` is the entry hash as hex. */
export function hashKey (hash: string, n: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(1 + CHECK_BYTES + 4 + SEQ_BYTES)
  key[0] = FAMILY.hash
  key.write(hash.slice(0, 2 * CHECK_BYTES), 1, 'hex')
  key.writeUInt32BE(n, 1 + CHECK_BYTES)
  key.writeUIntBE(seq, 5 + CHECK_BYTES, SEQ_BYTES)
  return key
}

/** Where entries may be whose hash starts like this one. */
export function hashRange (hash: string): KeyRange {
  const gte = Buffer.concat([Buffer.of(FAMILY.hash), Buffer.from(hash.slice(0, 2 * CHECK_BYTES), 'hex')])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(4 + SEQ_BYTES, 0xff)]) }
}

export function nameKey (family: PostingFamily | 'id', n: number, name: string, seq: number): Buffer {
  const length = Buffer.byteLength(name)
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + length + 1 + SEQ_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(n, 1)
  key.write(name, LEDGER_PREFIX_BYTES)
  key[LEDGER_PREFIX_BYTES + length] = 0
  key.writeUIntBE(seq, LEDGER_PREFIX_BYTES + length + 1, SEQ_BYTES)
  return key
}

/** First seqs from ≤ seq < to under a name. */
export function nameRange (family: PostingFamily | 'id', n: number, name: string, from: number, to: number): KeyRange {
  return { gte: nameKey(family, n, name, from), lt: nameKey(family, n, name, to) }
}

/** One past the highest seq that a key can hold. */
export const SEQ_END = 2 ** 48 - 1

/** The seq at the end of a key. */
export function seqOf (key: Buffer): number {
  return key.readUIntBE(key.length - SEQ_BYTES, SEQ_BYTES)
}

/** The ledger number in a hash key. */
export function ledgerOfHashKey (key: Buffer): number {
  return key.readUInt32BE(1 + CHECK_BYTES)
}

/** The name in a key made by `nameKey`. */
export function nameOf (key: Buffer): string {
  return key.toString('utf8', LEDGER_PREFIX_BYTES, key.length - SEQ_BYTES - 1)
}
