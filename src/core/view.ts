/** Entries as they are shown: objects are views of the bytes, never the other way round. */
import { fromUtf8 } from '#platform'
import { LedgermeshError } from './errors.js'
import { ledgerOf, type Entry } from './entry.js'
import { toHex, type Hash } from './hash.js'
import type { JsonObject, Json } from './canonical.js'
import type { LedgerId } from './ledger-id.js'
import { decodePayload } from './payload.js'
import { syncMarkOf } from './reference.js'

/**
 * `present`; `erased`: a held ledger.erase names the entry; `filtered`: the follow does not want the payload;
 * `missing`: wanted, but not held yet; `malformed`: held, but not valid payload bytes; `withheld`: it may be held, but
 * the requester has no right to it.
 */
export type PayloadState = 'present' | 'erased' | 'filtered' | 'missing' | 'malformed' | 'withheld'

/** An entry as it is shown: the header's members, the payload where it is here, and the hash. Binary is hex. */
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
  /** The ledger that the entry was adopted from, as its author claims; null: it is an original. */
  adopted: LedgerId | null
  /** Was this entry's own signature audited one by one? */
  checked: boolean
  /** In results of a query `withConflicts`: the undecided conflicts that involve the entry, as known here. */
  conflicts?: string[] | undefined
  /** The signed bytes, for verification: header and payload as UTF-8 texts, the signature as hex. */
  raw: { header: string; payload: string | null; signature: string }
}

/** `absent` says why a payload that the header commits to is not in `entry.raw`. */
export function viewEntry(
  entry: Entry,
  checked: boolean,
  absent: Exclude<PayloadState, 'present' | 'malformed' | 'withheld'>
): LedgerEntry {
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
    adopted: syncMarkOf(header.meta)?.source ?? null,
    checked,
    raw: {
      header: fromUtf8(raw.header),
      payload: raw.payload === null ? null : fromUtf8(raw.payload),
      signature: toHex(raw.signature)
    }
  }
}
