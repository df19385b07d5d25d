/**
 * What deviates from a flow's watermark, entry by entry: the row, and two indexes of it, by status and by when it is
 * tried again. All three are written in one batch; the indexes follow from the row (I8).
 */
import { FAMILY, LEDGER_PREFIX_BYTES, ledgerKey, SEQ_BYTES, SEQ_END, type KeyRange } from './keys.js'
import { EMPTY } from './posting.js'
import type { Op } from './store.js'

export const EXCEPTION_STATUSES = ['pending', 'conflict', 'failed'] as const
export type ExceptionStatus = (typeof EXCEPTION_STATUSES)[number]

/** Numbers on the disk; 0 is none. */
const STATUS: Record<ExceptionStatus, number> = { pending: 1, conflict: 2, failed: 3 }

/** One ledger on its way from or to one remote. */
export interface FlowPlace {
  /** The ledger's local number. */
  ledgerNumber: number
  direction: 'inbound' | 'outbound'
  /** The remote's number; inbound it is 0: a ledger comes from itself. */
  remote: number
}

export interface ExceptionRow {
  status: ExceptionStatus
  /** A number of a table that only grows (sync/exceptions/codes.ts). */
  code: number
  attempts: number
  /** ms since the epoch; null: never, or when something changes. */
  last: number | null
  next: number | null
  created: number
  updated: number
  /** The first 8 bytes of the entry's hash, hex: an entry that took its place is not what this is about. */
  check: string
}

const TIME_BYTES = 6
const CHECK_BYTES = 8
const FIXED_BYTES = 4
export const EXCEPTION_BYTES = FIXED_BYTES + 4 * TIME_BYTES + CHECK_BYTES
/** Attempts are counted no further. */
const MAX_ATTEMPTS = 0xffff
/** Direction and remote at the end of the row's key. */
const FLOW_BYTES = 5

export function exceptionKey({ ledgerNumber, direction, remote }: FlowPlace, seq: number): Buffer {
  const key = Buffer.allocUnsafe(LEDGER_PREFIX_BYTES + SEQ_BYTES + FLOW_BYTES)
  ledgerKey('syncState', ledgerNumber).copy(key)
  key.writeUIntBE(seq, LEDGER_PREFIX_BYTES, SEQ_BYTES)
  key[LEDGER_PREFIX_BYTES + SEQ_BYTES] = directionByte(direction)
  key.writeUInt32BE(remote, LEDGER_PREFIX_BYTES + SEQ_BYTES + 1)
  return key
}

/** null: no such key. */
export function placeOfException(key: Buffer): { place: FlowPlace; seq: number } | null {
  if (key.length !== LEDGER_PREFIX_BYTES + SEQ_BYTES + FLOW_BYTES || key[LEDGER_PREFIX_BYTES + SEQ_BYTES]! > 1)
    return null
  return {
    place: {
      ledgerNumber: key.readUInt32BE(1),
      direction: key[LEDGER_PREFIX_BYTES + SEQ_BYTES] === 0 ? 'inbound' : 'outbound',
      remote: key.readUInt32BE(LEDGER_PREFIX_BYTES + SEQ_BYTES + 1)
    },
    seq: key.readUIntBE(LEDGER_PREFIX_BYTES, SEQ_BYTES)
  }
}

/** The index by status: remote, direction, status, ledger, seq. */
export function byStatusKey(
  { ledgerNumber, direction, remote }: FlowPlace,
  status: ExceptionStatus,
  seq: number
): Buffer {
  const key = Buffer.allocUnsafe(1 + 4 + 1 + 1 + 4 + SEQ_BYTES)
  key[0] = FAMILY.syncByStatus
  key.writeUInt32BE(remote, 1)
  key[5] = directionByte(direction)
  key[6] = STATUS[status]
  key.writeUInt32BE(ledgerNumber, 7)
  key.writeUIntBE(seq, 11, SEQ_BYTES)
  return key
}

/** Of one flow and status, from ≤ seq. */
export function byStatusRange(place: FlowPlace, status: ExceptionStatus, from = 0): KeyRange {
  return { gte: byStatusKey(place, status, from), lt: byStatusKey(place, status, SEQ_END) }
}

/** All that was on its way to one remote. */
export function statusRangeOfRemote(remote: number): KeyRange {
  const bytes = (direction: number): Buffer => {
    const key = Buffer.alloc(6)
    key[0] = FAMILY.syncByStatus
    key.writeUInt32BE(remote, 1)
    key[5] = direction
    return key
  }
  return { gte: bytes(1), lt: bytes(2) }
}

/** The index by time: when, then the row's key. */
function dueKey(place: FlowPlace, seq: number, next: number): Buffer {
  const head = Buffer.alloc(1 + TIME_BYTES)
  head[0] = FAMILY.syncDue
  head.writeUIntBE(next, 1, TIME_BYTES)
  return Buffer.concat([head, exceptionKey(place, seq).subarray(1)])
}

/** Those that are due at `now`. */
export function dueRange(now: number): KeyRange {
  const lt = Buffer.alloc(1 + TIME_BYTES)
  lt[0] = FAMILY.syncDue
  lt.writeUIntBE(now + 1, 1, TIME_BYTES)
  return { gte: Buffer.of(FAMILY.syncDue), lt }
}

/** When it is due, and what; null: no such key. */
export function readDue(key: Buffer): { next: number; place: FlowPlace; seq: number } | null {
  const found = placeOfException(Buffer.concat([Buffer.of(FAMILY.syncState), key.subarray(1 + TIME_BYTES)]))
  return found === null ? null : { next: key.readUIntBE(1, TIME_BYTES), ...found }
}

/** The keys of the indexes that follow from a row. */
export function exceptionIndexes(place: FlowPlace, seq: number, { status, next }: ExceptionRow): Buffer[] {
  return [byStatusKey(place, status, seq), ...(next === null ? [] : [dueKey(place, seq, next)])]
}

/** From one row to the other; null: there is none. */
export function exceptionOps(
  place: FlowPlace,
  seq: number,
  before: ExceptionRow | null,
  after: ExceptionRow | null
): Op[] {
  const key = exceptionKey(place, seq)
  return [
    ...(before === null ? [] : exceptionIndexes(place, seq, before).map((index): Op => ({ type: 'del', key: index }))),
    ...(after === null
      ? [{ type: 'del', key } as const]
      : [
          { type: 'put', key, value: encodeException(after) } as const,
          ...exceptionIndexes(place, seq, after).map((index): Op => ({ type: 'put', key: index, value: EMPTY }))
        ])
  ]
}

export function encodeException(row: ExceptionRow): Buffer {
  const value = Buffer.alloc(EXCEPTION_BYTES)
  value[0] = STATUS[row.status]
  value[1] = row.code
  value.writeUInt16BE(Math.min(row.attempts, MAX_ATTEMPTS), 2)
  for (const [i, time] of [row.last, row.next, row.created, row.updated].entries())
    value.writeUIntBE(time ?? 0, FIXED_BYTES + i * TIME_BYTES, TIME_BYTES)
  value.write(row.check, EXCEPTION_BYTES - CHECK_BYTES, 'hex')
  return value
}

/** null: not such a row. */
export function decodeException(value: Buffer): ExceptionRow | null {
  const status = EXCEPTION_STATUSES.find((one) => STATUS[one] === value[0])
  if (value.length !== EXCEPTION_BYTES || status === undefined) return null
  const time = (i: number): number => value.readUIntBE(FIXED_BYTES + i * TIME_BYTES, TIME_BYTES)
  return {
    status,
    code: value[1]!,
    attempts: value.readUInt16BE(2),
    last: time(0) || null,
    next: time(1) || null,
    created: time(2),
    updated: time(3),
    check: value.toString('hex', EXCEPTION_BYTES - CHECK_BYTES)
  }
}

/** As it is kept in a row. */
export function checkOf(hash: string): string {
  return hash.slice(0, 2 * CHECK_BYTES)
}

function directionByte(direction: FlowPlace['direction']): number {
  return direction === 'inbound' ? 0 : 1
}
