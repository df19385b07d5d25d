/** How an entry is shown: objects are views of the bytes, never the other way round. */
import { LedgermeshError } from './errors.js'
import { ledgerOf, type Entry } from './entry.js'
import { toHex, type Hash } from './hash.js'
import type { JsonObject, Json } from './canonical.js'
import type { LedgerId } from './ledger-id.js'
import { decodePayload } from './payload.js'

/**
 * `present`; `erased`: a held ledger.erase names the entry; `filtered`: the follow does not want it; `missing`: wanted, not held
 * yet; `malformed`: held, but not payload bytes.
 */
export type PayloadState = 'present' | 'erased' | 'filtered' | 'missing' | 'malformed'

export interface LedgerEntry {
  id: string
  ledger: LedgerId
  seq: number
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  timestamp: number
  /** null also when `payload_state` is not `present`. */
  payload: Json
  payload_state: PayloadState
  meta: JsonObject
  prev_hash: Hash | null
  hash: Hash
  /** 64 bytes, hex. */
  signature: string
  /** Was this entry's own signature audited one by one? */
  checked: boolean
  /** For checking it oneself: UTF-8 texts, the signature as hex. */
  raw: { header: string, payload: string | null, signature: string }
}

/** `absent` says why a payload that the header commits to is not in `entry.raw`. */
export function viewEntry (entry: Entry, checked: boolean, absent: Exclude<PayloadState, 'present' | 'malformed'>): LedgerEntry {
  const { header, raw } = entry
  let payload: Json = null
  let state: PayloadState = 'present'
  if (raw.payload !== null) {
    try {
      payload = decodePayload(raw.payload).payload
    } catch (error) {
      if (!(error instanceof LedgermeshError)) throw error
      state = 'malformed'
    }
  } else if (header.payload_hash !== null) state = absent
  return {
    id: header.id,
    ledger: ledgerOf(entry),
    seq: header.seq,
    stream: header.stream,
    type: header.type,
    issuer_oid: header.issuer_oid,
    subject_oid: header.subject_oid,
    timestamp: header.timestamp,
    payload,
    payload_state: state,
    meta: header.meta,
    prev_hash: header.prev_hash,
    hash: entry.hash,
    signature: toHex(raw.signature),
    checked,
    raw: {
      header: text(raw.header),
      payload: raw.payload === null ? null : text(raw.payload),
      signature: toHex(raw.signature)
    }
  }
}

function text (bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
