/** How ledgers are stored: values of the entry, ledger and state families. */
import { parseText, type Json, type JsonObject } from '../../core/canonical.js'
import type { ChainState } from '../../core/chain.js'
import { entryHash, type Entry, type SignedHeader } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import { isInteger, isName, isObject } from '../../core/grammar.js'
import type { Header } from '../../core/header.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { isNetworkName } from '../../core/ledger-types.js'
import { SIGNATURE_BYTES } from '../../core/limits.js'
import { isHash, type Hash } from '../../core/hash.js'
import { CHECK_BYTES, MAX_NUMBER, SEQ_END } from '../../store/keys.js'

/**
 * Value of the ledger family. Local numbers are never used again. `unmarked`: an own ledger whose first signer's mark
 * is not on the disk yet; no request was answered before.
 */
export interface LedgerRow {
  n: number
  own: boolean
  removing?: true
  unmarked?: true
}

/** Value of the state family; written in the batch that changes it. */
export interface LedgerState {
  chain: ChainState
  /** Entries, from 0, whose signatures were checked one by one. */
  audited: number
  /** Entries, from 0, that were on the disk when this was written. */
  durable: number
  /**
   * Evidence against the author: only the entries below `size` are served. `keyFork`: it shows two rotations by one
   * key.
   */
  frozen: { size: number; evidence: string; keyFork?: true } | null
  /** Bytes taken in, counted only for ledgers that have an allowance. */
  taken?: number
}

const HEADER_AT = CHECK_BYTES + SIGNATURE_BYTES

/** check ‖ signature ‖ header. The check is the start of the entry's hash: it detects bytes that the disk changed. */
export function encodeEntry(entry: Entry): Buffer {
  const { header, signature } = entry.raw
  const value = Buffer.allocUnsafe(HEADER_AT + header.length)
  value.write(entry.hash.slice(0, 2 * CHECK_BYTES), 0, 'hex')
  value.set(signature, CHECK_BYTES)
  value.set(header, HEADER_AT)
  return value
}

export interface StoredBytes extends SignedHeader {
  hash: Hash
}

/** Throws STORE_DAMAGED unless these are the bytes that were stored. */
export function readEntryBytes(value: Buffer, seq: number): StoredBytes {
  const signature = value.subarray(CHECK_BYTES, HEADER_AT)
  const header = value.subarray(HEADER_AT)
  const hash = entryHash({ header, signature })
  if (value.toString('hex', 0, CHECK_BYTES) !== hash.slice(0, 2 * CHECK_BYTES)) throw damaged(seq)
  return { header, signature, hash }
}

/**
 * Decodes an entry without its payload. The grammar was checked before the bytes were stored, and the check shows that
 * they are unchanged.
 */
export function decodeStored(value: Buffer, seq: number): Entry {
  const { header, signature, hash } = readEntryBytes(value, seq)
  const parsed = parseStored(header, seq)
  return { header: parsed, hash, raw: { header, signature, payload: null } }
}

export function parseStored(header: Uint8Array, seq: number): Header {
  let parsed: Header
  try {
    // it was a valid header when it was stored; only its place is checked again, for speed
    parsed = parseText((header as Buffer).toString('utf8')) as unknown as Header
  } catch (error) {
    throw damaged(seq, error)
  }
  if (parsed.seq !== seq) throw damaged(seq)
  return parsed
}

function damaged(seq: number, cause?: unknown): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', `the stored bytes of entry ${seq} do not check`, { seq }, { cause })
}

export function encodeJson(value: LedgerRow | LedgerState): Buffer {
  return Buffer.from(JSON.stringify(value))
}

/** Throws STORE_DAMAGED unless these bytes can be a row of the ledger family. */
export function decodeRow(value: Buffer): LedgerRow {
  const row = parseObject(value, 'row of a ledger')
  if (!isRow(row)) throw new LedgermeshError('STORE_DAMAGED', 'the stored row of a ledger is not valid')
  return row
}

/** Throws STORE_DAMAGED unless these bytes can be a state; `fsck` checks whether it is the right one. */
export function decodeState(value: Buffer): LedgerState {
  const state = parseObject(value, 'state of a ledger')
  if (!isState(state)) throw new LedgermeshError('STORE_DAMAGED', 'the stored state of a ledger is not valid')
  return state
}

/** Throws STORE_DAMAGED for what is not a JSON object. */
export function parseObject(value: Buffer, what: string): JsonObject {
  let parsed: Json
  try {
    parsed = parseText(value.toString())
  } catch (error) {
    throw new LedgermeshError('STORE_DAMAGED', `the stored ${what} is not JSON`, undefined, { cause: error })
  }
  if (!isObject(parsed)) throw new LedgermeshError('STORE_DAMAGED', `the stored ${what} is not an object`)
  return parsed
}

function isState(state: JsonObject): state is JsonObject & LedgerState {
  const { chain, audited, durable, frozen, taken } = state
  return (
    isChain(chain) &&
    Number.isSafeInteger(audited) &&
    Number.isSafeInteger(durable) &&
    (taken === undefined || isInteger(taken, Number.MAX_SAFE_INTEGER)) &&
    frozen !== undefined &&
    isFrozen(frozen)
  )
}

export function isFrozen(frozen: Json): frozen is LedgerState['frozen'] & Json {
  return (
    frozen === null || (isObject(frozen) && Number.isSafeInteger(frozen.size) && typeof frozen.evidence === 'string')
  )
}

function isChain(chain: Json | undefined): boolean {
  return (
    isObject(chain) &&
    isInteger(chain.size, SEQ_END) &&
    isHash(chain.headHash) &&
    isHash(chain.key) &&
    (chain.nextKeyHash === null || isHash(chain.nextKeyHash)) &&
    isLedgerId(chain.ledger) &&
    isNetworkName(chain.network) &&
    isName(chain.name) &&
    (chain.access === 'public' || chain.access === 'private')
  )
}

function isRow(row: JsonObject): row is JsonObject & LedgerRow {
  return isInteger(row.n, MAX_NUMBER) && typeof row.own === 'boolean'
}
