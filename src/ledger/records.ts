/** How ledgers lie in the store: values of the entry, ledger and state families. */
import { parseText } from '../core/canonical.js'
import type { ChainState } from '../core/chain.js'
import { entryHash, type Entry, type SignedHeader } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import type { Header } from '../core/header.js'
import { SIGNATURE_BYTES } from '../core/limits.js'
import type { Hash } from '../core/hash.js'
import { CHECK_BYTES } from '../store/keys.js'

/** Value of the ledger family. Local numbers are never used again. `unmarked`: an own ledger whose first signer's mark is not on the disk yet; nobody was answered before. */
export interface LedgerRow { n: number, own: boolean, removing?: true, unmarked?: true }

/** Value of the state family; written in the batch that changes it. */
export interface LedgerState {
  chain: ChainState
  /** Entries, from 0, whose signatures were checked one by one. */
  audited: number
  /** Entries, from 0, that were on the disk when this was written. */
  durable: number
  /** Evidence against the author: only the entries below `size` are served. */
  frozen: { size: number, evidence: string } | null
}

const HEADER_AT = CHECK_BYTES + SIGNATURE_BYTES

/** check ‖ signature ‖ header. The check is the start of the entry's hash: it finds bytes that the disk changed. */
export function encodeEntry (entry: Entry): Buffer {
  const { header, signature } = entry.raw
  const value = Buffer.allocUnsafe(HEADER_AT + header.length)
  value.write(entry.hash.slice(0, 2 * CHECK_BYTES), 0, 'hex')
  value.set(signature, CHECK_BYTES)
  value.set(header, HEADER_AT)
  return value
}

export interface StoredBytes extends SignedHeader { hash: Hash }

/** Throws STORE_DAMAGED unless these are the bytes that were stored. */
export function readEntryBytes (value: Buffer, seq: number): StoredBytes {
  const signature = value.subarray(CHECK_BYTES, HEADER_AT)
  const header = value.subarray(HEADER_AT)
  const hash = entryHash({ header, signature })
  if (value.toString('hex', 0, CHECK_BYTES) !== hash.slice(0, 2 * CHECK_BYTES)) throw damaged(seq)
  return { header, signature, hash }
}

/** The grammar was checked before the bytes were stored, and the check says that they are the same bytes. Without its payload. */
export function decodeStored (value: Buffer, seq: number): Entry {
  const { header, signature, hash } = readEntryBytes(value, seq)
  const parsed = parseStored(header, seq)
  return { header: parsed, hash, raw: { header, signature, payload: null } }
}

export function parseStored (header: Uint8Array, seq: number): Header {
  let parsed: Header
  try {
    parsed = parseText((header as Buffer).toString('utf8')) as unknown as Header
  } catch (error) {
    throw damaged(seq, error)
  }
  if (parsed.seq !== seq) throw damaged(seq)
  return parsed
}

function damaged (seq: number, cause?: unknown): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', `the stored bytes of entry ${seq} do not check`, { seq }, { cause })
}

export function encodeJson (value: LedgerRow | LedgerState): Buffer {
  return Buffer.from(JSON.stringify(value))
}

/** Throws STORE_DAMAGED for what is not JSON. */
export function decodeJson<T extends LedgerRow | LedgerState> (value: Buffer, what: string): T {
  try {
    return JSON.parse(value.toString()) as T
  } catch (error) {
    throw new LedgermeshError('STORE_DAMAGED', `the stored ${what} is not JSON`, undefined, { cause: error })
  }
}
