/**
 * Every key of the store, in one place. A key is one family byte, then (for what belongs to a ledger) the ledger's
 * local number as u32 and a seq as u48, big-endian, so that keys sort by seq. Names end in NUL, which no name can
 * contain.
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
  /** ledger id (text) → JSON: a remote that this node exchanges with; its meaning is node's. */
  remote: 0x07,
  /** ledger id (53 bytes of text), peer id (text) → JSON: an offer that waits for the operator. */
  offer: 0x08,
  /** SHA-256 of a token (64 hex digits) → JSON: what it allows. The token itself is nowhere. */
  token: 0x09,
  /** n → JSON: what was decided about evidence, and when others had the same head (core/standing.ts). */
  standing: 0x0b,
  /** ledger id (text) → JSON: what was learnt of a ledger that is not held; its meaning is node's. */
  light: 0x0a,
  /** n → JSON: a branch in quarantine takes the place of what is held; there until that is done. */
  accepted: 0x0c,
  /** rule u16 → JSON: a rule of conflicts, and whether everything that is held was looked at by it. */
  rule: 0x0d,
  /** ledger id (text) → JSON: how far its entries were adopted; its meaning is node's. Outlives the mirror. */
  adoption: 0x0e,
  /** ledger id of a remote (text) → JSON: when it has its turn, and how much; its meaning is node's. */
  plan: 0x0f,
  /** direction NUL ledger id NUL remote's ledger id (text) → JSON: the newest changes of that job; likewise. */
  job: 0x1f,
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
  /** n, evidence id (text), seq → check ‖ signature ‖ header of an entry voided by another branch. */
  voided: 0x16,
  /** n, direction (text) NUL, remote's ledger id (text) → JSON: how far the two have come; its meaning is node's. */
  flow: 0x17,
  /** n, seq, direction u8, remote u32 → what deviates from the flow's watermark (exception-rows.ts). */
  syncState: 0x18,
  /** n, first seq of a batch → u48 ms since the epoch: when it was stored here. */
  storedAt: 0x19,
  /** n, the first 16 bits of keys (u16), index size (u48) → leaves of the map of the index, as of that size. */
  indexNode: 0x1a,
  /** n, key of a list (its first 16 bytes), level, index → postings from that position on, or the ref of a subtree. */
  indexList: 0x1b,
  /** n → size, root and head of the index; n, the first 16 bits of keys → what is below: one leaf or more, and hash. */
  indexRoot: 0x1c,
  /**
   * n, seq → is its payload wanted (0 or 1) ‖ check ‖ signature ‖ header of an entry that was pulled behind a freeze,
   * and that nobody believes yet.
   */
  quarantine: 0x1d,
  /** n, seq → nothing: to be adopted when its payload comes. */
  awaited: 0x1e,
  /** hash (first 8 bytes), n, seq → nothing. */
  hash: 0x20,
  /** n, id NUL, seq → nothing. */
  id: 0x21,
  /** n, value NUL, first seq → posting block: the entries of one batch that have this value. */
  stream: 0x22,
  type: 0x23,
  issuer: 0x24,
  subject: 0x25,
  /**
   * rule u16, conflict (16 bytes of its id), n, seq → hash of the claim (32), and of a copy also that of its original.
   */
  claim: 0x26,
  /**
   * rule, conflict → JSON: what was found when it was last looked at; or, when it is in no list, n of the only ledger
   * that spoke of it, 0: of several.
   */
  conflict: 0x27,
  /** state u8, first u48 ms, rule, conflict → kind u8 or nothing: the conflicts of a state, oldest first. */
  conflictByState: 0x28,
  /**
   * rule, conflict, target's hash (32), n, seq → kind u8, and of a copy its hash: who refers to the target as derived
   * from it and may silence by that or decides, or copied it.
   */
  seen: 0x29,
  /** remote u32, direction u8, status u8, n, seq → nothing: the exceptions of a status. */
  syncByStatus: 0x2a,
  /** u48 ms since the epoch, then the key of an exception → nothing: when it is tried again. */
  syncDue: 0x2b,
  /** rule, conflict, n, seq → nothing: decisions. */
  resolution: 0x2c,
  /**
   * n, seq, rule, conflict → further seqs, rules and conflicts: to be looked at when the ledger counts beyond them; n
   * 0: at once.
   */
  touched: 0x2d,
  /** As `stream`: what references name, as the ledger's id and as `<ledger id>/<entry id>`. */
  target: 0x30,
  /**
   * n, seq, index u8 → what that reference of the entry is worth (its meaning is node's); n alone → u48: entries that
   * were looked at.
   */
  refState: 0x31,
  /** ledger id (53 bytes of text), entry id NUL, n, seq, index u8 → nothing: a reference whose target may still come. */
  refWait: 0x32,
  /** u48 arrival number → what became visible here, in one batch with it (feed-rows.ts). */
  feed: 0x33,
  /** n → JSON: a cut that is under way; it is finished at the next open. */
  cutting: 0x35,
  /** ledger id (53 bytes of text), first 32 hex digits of the file's id (text) → an index fault (FORMATS §11). */
  indexFault: 0x36
} as const

export type Family = keyof typeof FAMILY
export const POSTING_FAMILIES = ['stream', 'type', 'issuer', 'subject', 'target'] as const
export type PostingFamily = (typeof POSTING_FAMILIES)[number]

/** Bytes of the hash in front of an entry value and in the hash index. */
export const CHECK_BYTES = 8
export const SEQ_BYTES = 6
export const LEDGER_PREFIX_BYTES = 5
/** The highest local number of a ledger. */
export const MAX_NUMBER = 2 ** 32 - 1

type SeqFamily = 'entry' | 'payload' | 'erased' | 'missing' | 'keyEntry' | 'quarantine' | 'storedAt' | 'awaited'

/** Families whose keys are a text. */
export type TextFamily =
  | 'meta'
  | 'ledger'
  | 'node'
  | 'remote'
  | 'offer'
  | 'token'
  | 'light'
  | 'adoption'
  | 'plan'
  | 'job'

/** All keys k with gte ≤ k < lt. */
export interface KeyRange {
  gte: Uint8Array
  lt: Uint8Array
}

export function textKey(family: TextFamily, text: string): Buffer {
  const key = Buffer.allocUnsafe(1 + Buffer.byteLength(text))
  key[0] = FAMILY[family]
  key.write(text, 1)
  return key
}

/** JSON: the epoch of the feed, its first number, and the store's incarnation when it began. */
export const FEED_EPOCH_KEY = textKey('meta', 'feed')

/** Text: the local number of the next ledger. */
export const NEXT_NUMBER_KEY = textKey('meta', 'next-ledger')

/** Text: the number of the next remote. */
export const NEXT_REMOTE_KEY = textKey('meta', 'next-remote')

/** The keys of a whole family. */
/** Every key: none is shorter than two bytes, or begins with 0xff. */
export const WHOLE_STORE: KeyRange = { gte: Buffer.of(0, 0), lt: Buffer.of(0xff) }

export function familyRange(family: Family): KeyRange {
  return { gte: Buffer.of(FAMILY[family]), lt: Buffer.of(FAMILY[family] + 1) }
}

export function ledgerKey(family: Family, ledgerNumber: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(ledgerNumber, 1)
  return key
}

/** The keys of one ledger in a family. */
export function ledgerRange(family: Family, ledgerNumber: number): KeyRange {
  return {
    gte: ledgerKey(family, ledgerNumber),
    lt: ledgerNumber === MAX_NUMBER ? Buffer.of(FAMILY[family] + 1) : ledgerKey(family, ledgerNumber + 1)
  }
}

export function seqKey(family: SeqFamily, ledgerNumber: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + SEQ_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(ledgerNumber, 1)
  key.writeUIntBE(seq, LEDGER_PREFIX_BYTES, SEQ_BYTES)
  return key
}

/** Entries from ≤ seq < to of a ledger in a family. */
export function seqRange(family: SeqFamily, ledgerNumber: number, from: number, to: number): KeyRange {
  return { gte: seqKey(family, ledgerNumber, from), lt: seqKey(family, ledgerNumber, to) }
}

/** Hex digits of an evidence id that are kept in keys. */
export const EVIDENCE_ID_DIGITS = 32
/** Ends the key of a pardoned index fault. */
const PARDON = Buffer.from('p')

export function evidenceKey(ledgerNumber: number, id: string): Buffer {
  return Buffer.concat([ledgerKey('evidence', ledgerNumber), Buffer.from(id)])
}

export function indexFaultKey(ledger: string, id: string): Buffer {
  return Buffer.concat([Buffer.of(FAMILY.indexFault), Buffer.from(ledger + id.slice(0, EVIDENCE_ID_DIGITS))])
}

/** Beside the key of the fault: the operator believes the author again. */
export function pardonKey(ledger: string, id: string): Buffer {
  return Buffer.concat([indexFaultKey(ledger, id), PARDON])
}

/** The key of the fault that it pardons; null: it is no pardon. */
export function pardonedBy(key: Buffer): Buffer | null {
  return key.subarray(-PARDON.length).equals(PARDON) ? key.subarray(0, -PARDON.length) : null
}

export function voidedKey(ledgerNumber: number, evidence: string, seq: number): Buffer {
  const key = Buffer.alloc(LEDGER_PREFIX_BYTES + evidence.length + SEQ_BYTES)
  ledgerKey('voided', ledgerNumber).copy(key)
  key.write(evidence, LEDGER_PREFIX_BYTES)
  key.writeUIntBE(seq, key.length - SEQ_BYTES, SEQ_BYTES)
  return key
}

export function tileKey(ledgerNumber: number, level: number, index: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + 1 + SEQ_BYTES)
  key[0] = FAMILY.tile
  key.writeUInt32BE(ledgerNumber, 1)
  key[LEDGER_PREFIX_BYTES] = level
  key.writeUIntBE(index, LEDGER_PREFIX_BYTES + 1, SEQ_BYTES)
  return key
}

/** `hash` is the entry hash as hex. */
export function hashKey(hash: string, ledgerNumber: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(1 + CHECK_BYTES + 4 + SEQ_BYTES)
  key[0] = FAMILY.hash
  key.write(hash.slice(0, 2 * CHECK_BYTES), 1, 'hex')
  key.writeUInt32BE(ledgerNumber, 1 + CHECK_BYTES)
  key.writeUIntBE(seq, 5 + CHECK_BYTES, SEQ_BYTES)
  return key
}

/** Where entries may be whose hash starts like this one. */
export function hashRange(hash: string): KeyRange {
  const gte = Buffer.concat([Buffer.of(FAMILY.hash), Buffer.from(hash.slice(0, 2 * CHECK_BYTES), 'hex')])
  return { gte, lt: Buffer.concat([gte, Buffer.alloc(4 + SEQ_BYTES, 0xff)]) }
}

/** Where entries may be whose hash begins with these hex digits. */
export function hashPrefixRange(digits: string): KeyRange {
  const kept = digits.slice(0, 2 * CHECK_BYTES)
  const bytes = (filler: string): Buffer =>
    Buffer.concat([Buffer.of(FAMILY.hash), Buffer.from(kept.padEnd(2 * CHECK_BYTES, filler), 'hex')])
  return { gte: bytes('0'), lt: Buffer.concat([bytes('f'), Buffer.alloc(4 + SEQ_BYTES, 0xff)]) }
}

export function nameKey(family: PostingFamily | 'id', ledgerNumber: number, name: string, seq: number): Buffer {
  const length = Buffer.byteLength(name)
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + length + 1 + SEQ_BYTES)
  key[0] = FAMILY[family]
  key.writeUInt32BE(ledgerNumber, 1)
  key.write(name, LEDGER_PREFIX_BYTES)
  key[LEDGER_PREFIX_BYTES + length] = 0
  key.writeUIntBE(seq, LEDGER_PREFIX_BYTES + length + 1, SEQ_BYTES)
  return key
}

/** First seqs from ≤ seq < to under a name. */
export function nameRange(
  family: PostingFamily | 'id',
  ledgerNumber: number,
  name: string,
  from: number,
  to: number
): KeyRange {
  return { gte: nameKey(family, ledgerNumber, name, from), lt: nameKey(family, ledgerNumber, name, to) }
}

/** All seqs under the names that begin so: no byte of UTF-8 is 0xff. */
export function namePrefixRange(family: PostingFamily | 'id', ledgerNumber: number, prefix: string): KeyRange {
  const gte = Buffer.concat([ledgerKey(family, ledgerNumber), Buffer.from(prefix)])
  return { gte, lt: Buffer.concat([gte, Buffer.of(0xff)]) }
}

/** `out`: what the remote has of the ledger. */
export function flowKey(ledgerNumber: number, direction: 'out', remote: string): Buffer {
  return Buffer.concat([ledgerKey('flow', ledgerNumber), Buffer.from(`${direction}\0${remote}`)])
}

/** The remote in a key made by `flowKey`. */
export function remoteOfFlowKey(key: Buffer): string {
  return key.toString('utf8', key.indexOf(0, LEDGER_PREFIX_BYTES) + 1)
}

/** The text in a key made by `textKey`. */
export function textOf(key: Buffer): string {
  return key.toString('utf8', 1)
}

/** One past the highest seq that a key can hold. */
export const SEQ_END = 2 ** 48 - 1

/** The seq at the end of a key. */
export function seqOf(key: Buffer): number {
  return key.readUIntBE(key.length - SEQ_BYTES, SEQ_BYTES)
}

/** The ledger number in a hash key. */
export function ledgerOfHashKey(key: Buffer): number {
  return key.readUInt32BE(1 + CHECK_BYTES)
}

/** The name in a key made by `nameKey`. */
export function nameOf(key: Buffer): string {
  return key.toString('utf8', LEDGER_PREFIX_BYTES, key.length - SEQ_BYTES - 1)
}
