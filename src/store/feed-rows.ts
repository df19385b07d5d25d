/** The rows of the arrival feed: a number → what became visible with it. They hold pointers, never payloads. */
import { createHash } from 'node:crypto'
import { LedgermeshError } from '../core/errors.js'
import { FAMILY, type KeyRange } from './keys.js'

/** In the order of the byte that stands for each in a row. */
export const FEED_KINDS = [
  'entry',
  'payload-filled',
  'payload-erased',
  'erase-withdrawn',
  'frozen',
  'thawed',
  'voided',
  'cut',
  'audited',
  'removed',
  'right-ended',
  'evidence'
] as const

export type FeedKind = (typeof FEED_KINDS)[number]

/** What happened to one ledger, without its number. */
export interface FeedFact {
  kind: FeedKind
  /** Seq of the first entry, or a size: see `FEED_KINDS` in docs/FORMATS.md §10. */
  at: number
  /** Entries from `at` on, each with a number of its own; 1 for what is no run of entries. */
  count: number
  /** Of entries: were their signatures audited when they became visible? */
  audited: boolean
  /** Id of a ledger that is gone, or of evidence; else empty. */
  text: string
}

export interface FeedRow extends FeedFact {
  /** Number of the first event. */
  first: number
  ledgerNumber: number
  /** Was it a private ledger? After its removal only the row knows. */
  isPrivate: boolean
  /** ms since the epoch. */
  time: number
  /** 16 hex digits, see `checkOf`. */
  check: string
}

const NUMBER_BYTES = 6
const TIME_BYTES = 6
/** Bytes of the digest in a row, and in a position. */
const CHECK_BYTES = 8
/** kind, flags, ledger number, time, check, at, count; then the text. */
const FIXED_BYTES = 2 + 4 + TIME_BYTES + CHECK_BYTES + NUMBER_BYTES + 4
const CHECK_AT = 2 + 4 + TIME_BYTES
const [AUDITED, PRIVATE] = [1, 2]

export function feedKey(number: number): Buffer {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES)
  key[0] = FAMILY.feed
  key.writeUIntBE(number, 1, NUMBER_BYTES)
  return key
}

/** Rows whose first number is from ≤ number < to. */
export function feedRange(from: number, to: number): KeyRange {
  return { gte: feedKey(from), lt: feedKey(to) }
}

export function feedNumberOf(key: Buffer): number {
  return key.readUIntBE(1, NUMBER_BYTES)
}

/**
 * The row with its digest: over its number, its facts, the ledger's id and the hash of the newest entry, so that two
 * stores that went apart never have the same one under the same number.
 */
export function encodeFeedRow(
  row: Omit<FeedRow, 'check'>,
  ledger: string,
  head: string
): { value: Buffer; check: string } {
  const text = Buffer.from(row.text)
  const value = Buffer.alloc(FIXED_BYTES + text.length)
  value[0] = FEED_KINDS.indexOf(row.kind)
  value[1] = (row.audited ? AUDITED : 0) | (row.isPrivate ? PRIVATE : 0)
  value.writeUInt32BE(row.ledgerNumber, 2)
  value.writeUIntBE(Math.max(0, Math.floor(row.time)), 6, TIME_BYTES)
  value.writeUIntBE(row.at, CHECK_AT + CHECK_BYTES, NUMBER_BYTES)
  value.writeUInt32BE(row.count, CHECK_AT + CHECK_BYTES + NUMBER_BYTES)
  text.copy(value, FIXED_BYTES)
  const digest = createHash('sha256').update(feedKey(row.first)).update(value).update(`${ledger} ${head}`).digest()
  digest.copy(value, CHECK_AT, 0, CHECK_BYTES)
  return { value, check: digest.toString('hex', 0, CHECK_BYTES) }
}

/** Throws STORE_DAMAGED unless these can be a row. */
export function decodeFeedRow(key: Buffer, value: Buffer): FeedRow {
  const kind = FEED_KINDS[value[0] ?? -1]
  if (key.length !== 1 + NUMBER_BYTES || value.length < FIXED_BYTES || kind === undefined)
    throw new LedgermeshError('STORE_DAMAGED', 'a row of the feed cannot be read')
  const row = {
    first: feedNumberOf(key),
    kind,
    audited: (value[1]! & AUDITED) !== 0,
    isPrivate: (value[1]! & PRIVATE) !== 0,
    ledgerNumber: value.readUInt32BE(2),
    time: value.readUIntBE(6, TIME_BYTES),
    check: value.toString('hex', CHECK_AT, CHECK_AT + CHECK_BYTES),
    at: value.readUIntBE(CHECK_AT + CHECK_BYTES, NUMBER_BYTES),
    count: value.readUInt32BE(CHECK_AT + CHECK_BYTES + NUMBER_BYTES),
    text: value.toString('utf8', FIXED_BYTES)
  }
  if (row.count < 1) throw new LedgermeshError('STORE_DAMAGED', 'a row of the feed is of no event')
  return row
}
