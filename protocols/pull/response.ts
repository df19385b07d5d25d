/** Response frames and the content of groups. */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, pauseMs, refusalOf, type WireErrorDetails } from '../codes.js'
import { checkBytes, checkNumber, fromEntry, fromHead, invalid, toEntry, toHead } from '../fields.js'
import { MAX_EVIDENCE_BYTES, MAX_FRAME_BYTES, MAX_GROUP_BYTES, MAX_ITEMS, MAX_ITEM_BYTES, MAX_PAYLOAD_BYTES, MAX_RETRY_MS } from './limits.js'
import { Entries, Payloads, Response as Message } from './pull.pb.js'
import type { PayloadItem } from './index.js'
import type { WireEntry, WireHead } from '../types.js'

export type Response =
  | { kind: 'head', head: WireHead }
  | { kind: 'group', inflated: number, data: Uint8Array }
  | { kind: 'evidence', evidence: Uint8Array }
  | { kind: 'end', count: number }
  | { kind: 'refused', error: WireError }

export function encodeResponse (response: Response): Uint8Array {
  switch (response.kind) {
    case 'head': return Message.encode({ code: ResultCode.OK, head: fromHead(response.head) })
    case 'group': return Message.encode({ code: ResultCode.OK, group: { inflated: response.inflated, data: response.data } })
    case 'evidence': return Message.encode({ code: ResultCode.OK, evidence: checkBytes(response.evidence, 'evidence', MAX_EVIDENCE_BYTES) })
    case 'end': return Message.encode({ code: ResultCode.END, count: response.count })
    case 'refused': return encodeRefusal(response.error)
  }
}

/** What is no refusal by itself is answered INVALID when the request was at fault, and UNAVAILABLE when we are. */
function encodeRefusal (error: WireError): Uint8Array {
  const { code, available } = error
  switch (code) {
    case 'BUSY': return Message.encode({ code: ResultCode.BUSY, retryMs: pauseMs(error) })
    case 'UNAVAILABLE': return Message.encode({ code: ResultCode.UNAVAILABLE, ...available })
    case 'DENIED': return Message.encode({ code: ResultCode.DENIED })
    case 'INVALID':
    case 'INVALID_FRAME':
    case 'TOO_LARGE': return Message.encode({ code: ResultCode.INVALID })
    default: return Message.encode({ code: ResultCode.UNAVAILABLE })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse (bytes: Uint8Array): Response {
  const message = decodeCanonical(Message, bytes)
  const { code, head, group, evidence, count, earliest, size, retryMs } = message
  const fields = Object.values({ head, group, evidence, count, earliest, size, retryMs }).filter((value) => value !== undefined).length
  if (code === ResultCode.OK && fields === 1) {
    if (head !== undefined) return { kind: 'head', head: toHead(head) }
    if (evidence !== undefined) return { kind: 'evidence', evidence: checkBytes(evidence, 'evidence', MAX_EVIDENCE_BYTES) }
    if (group !== undefined) {
      if (checkNumber(group.inflated, 'inflated size', MAX_ITEM_BYTES) === 0) invalid('an empty group')
      return { kind: 'group', inflated: group.inflated, data: checkBytes(group.data, 'group', MAX_FRAME_BYTES) }
    }
  }
  if (code === ResultCode.END && fields === 1 && count !== undefined) return { kind: 'end', count: checkNumber(count, 'count', MAX_ITEMS) }
  return { kind: 'refused', error: decodeRefusal(code, fields, earliest, size, retryMs) }
}

function decodeRefusal (code: number, fields: number, earliest?: number, size?: number, retryMs?: number): WireError {
  const name = refusalOf(code) ?? invalid('a code and fields that do not go together')
  const details: WireErrorDetails = {}
  let allowed = 0
  if (name === 'UNAVAILABLE' && earliest !== undefined && size !== undefined) {
    details.available = { earliest: checkNumber(earliest, 'earliest'), size: checkNumber(size, 'size') }
    allowed = 2
  }
  if (name === 'BUSY') {
    details.retryMs = checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS)
    allowed = 1
  }
  if (fields !== allowed) invalid('a code and fields that do not go together')
  return new WireError(name, `the peer answers ${name}`, details)
}

/** How the items of a reply are packed into groups. */
export interface ItemCodec<T> {
  /** Bytes that the item adds to a group. */
  sizeOf: (item: T) => number
  encode: (items: T[]) => Uint8Array
  /** Throws INVALID_FRAME or TOO_LARGE. */
  decode: (bytes: Uint8Array) => T[]
}

export const entryItems: ItemCodec<WireEntry> = {
  sizeOf: ({ header, signature, payload }) => nested(field(header.byteLength) + field(signature.byteLength) + (payload === null ? 0 : field(payload.byteLength))),
  encode: (entries) => Entries.encode({ entries: entries.map(fromEntry) }),
  decode: (bytes) => checkGroup(bytes, decodeCanonical(Entries, bytes, { entries: MAX_ITEMS }).entries.map(toEntry))
}

export const payloadItems: ItemCodec<PayloadItem> = {
  // 9: a tag and the longest seq.
  sizeOf: ({ payload }) => nested(9 + (payload === null ? 0 : field(payload.byteLength))),
  encode: (items) => Payloads.encode({ payloads: items.map(({ seq, payload }) => ({ seq: checkNumber(seq, 'seq'), ...(payload === null ? {} : { payload: checkBytes(payload, 'payload', MAX_PAYLOAD_BYTES) }) })) }),
  decode: (bytes) => checkGroup(bytes, decodeCanonical(Payloads, bytes, { payloads: MAX_ITEMS }).payloads.map(({ seq, payload }) => ({
    seq: checkNumber(seq, 'seq'),
    payload: payload === undefined ? null : checkBytes(payload, 'payload', MAX_PAYLOAD_BYTES)
  })))
}

// SPEC pull §6: "A group holds at least one item, and several only if it inflates to at most 262,144 bytes."
function checkGroup<T> (bytes: Uint8Array, items: T[]): T[] {
  if (items.length === 0) invalid('an empty group')
  if (items.length > 1 && bytes.byteLength > MAX_GROUP_BYTES) throw new WireError('TOO_LARGE', `a group of ${bytes.byteLength} bytes`)
  return items
}

/** Bytes of a length-delimited field with a number below 16. */
function field (length: number): number {
  return 1 + (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4) + length
}

const nested = field
