/** Response frames and the content of groups. */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, refusalFields } from '../codes.js'
import { decodeRefusal } from '../decode-refusal.js'
import { checkBytes, checkNumber, fromEntry, fromHead, invalid, toEntry, toHead } from '../fields.js'
import {
  MAX_EVIDENCE_BYTES,
  MAX_FRAME_BYTES,
  MAX_GROUP_BYTES,
  MAX_ITEMS,
  MAX_ITEM_BYTES,
  MAX_PAYLOAD_BYTES
} from './limits.js'
import { Entries, Payloads, Response as Message } from './pull.pb.js'
import type { PayloadItem } from './contract.js'
import type { WireEntry, WireHead } from '../types.js'

export type Response =
  | { kind: 'head'; head: WireHead }
  | { kind: 'group'; inflated: number; data: Uint8Array }
  | { kind: 'evidence'; evidence: Uint8Array }
  | { kind: 'end'; count: number }
  | { kind: 'refused'; error: WireError }

export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case 'head':
      return Message.encode({ code: ResultCode.OK, head: fromHead(response.head) })
    case 'group':
      return Message.encode({ code: ResultCode.OK, group: { inflated: response.inflated, data: response.data } })
    case 'evidence':
      return Message.encode({
        code: ResultCode.OK,
        evidence: checkBytes(response.evidence, 'evidence', MAX_EVIDENCE_BYTES)
      })
    case 'end':
      return Message.encode({ code: ResultCode.END, count: response.count })
    case 'refused':
      return Message.encode({
        ...refusalFields(response.error),
        ...(response.error.code === 'UNAVAILABLE' && response.error.available)
      })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse(bytes: Uint8Array): Response {
  const message = decodeCanonical(Message, bytes)
  const { code, head, group, evidence, count, earliest, size, retryMs } = message
  const fields = Object.values({ head, group, evidence, count, earliest, size, retryMs }).filter(
    (value) => value !== undefined
  ).length
  if (code === ResultCode.OK && fields === 1) {
    if (head !== undefined) return { kind: 'head', head: toHead(head) }
    if (evidence !== undefined)
      return { kind: 'evidence', evidence: checkBytes(evidence, 'evidence', MAX_EVIDENCE_BYTES) }
    if (group !== undefined) {
      if (checkNumber(group.inflated, 'inflated size', MAX_ITEM_BYTES) === 0) invalid('an empty group')
      return { kind: 'group', inflated: group.inflated, data: checkBytes(group.data, 'group', MAX_FRAME_BYTES) }
    }
  }
  if (code === ResultCode.END && fields === 1 && count !== undefined)
    return { kind: 'end', count: checkNumber(count, 'count', MAX_ITEMS) }
  return { kind: 'refused', error: decodeRefusal(code, fields, earliest, size, retryMs) }
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
  sizeOf: ({ header, signature, payload }) =>
    nested(field(header.byteLength) + field(signature.byteLength) + (payload === null ? 0 : field(payload.byteLength))),
  encode: (entries) => Entries.encode({ entries: entries.map(fromEntry) }),
  decode: (bytes) => checkGroup(bytes, decodeCanonical(Entries, bytes, { entries: MAX_ITEMS }).entries.map(toEntry))
}

export const payloadItems: ItemCodec<PayloadItem> = {
  // 9: a tag and the longest seq.
  sizeOf: ({ payload }) => nested(9 + (payload === null ? 0 : field(payload.byteLength))),
  encode: (items) =>
    Payloads.encode({
      payloads: items.map(({ seq, payload }) => ({
        seq: checkNumber(seq, 'seq'),
        ...(payload === null ? {} : { payload: checkBytes(payload, 'payload', MAX_PAYLOAD_BYTES) })
      }))
    }),
  decode: (bytes) =>
    checkGroup(
      bytes,
      decodeCanonical(Payloads, bytes, { payloads: MAX_ITEMS }).payloads.map(({ seq, payload }) => ({
        seq: checkNumber(seq, 'seq'),
        payload: payload === undefined ? null : checkBytes(payload, 'payload', MAX_PAYLOAD_BYTES)
      }))
    )
}

// SPEC pull §6: "A group holds at least one item, and several only if it inflates to at most 262,144 bytes."
function checkGroup<T>(bytes: Uint8Array, items: T[]): T[] {
  if (items.length === 0) invalid('an empty group')
  if (items.length > 1 && bytes.byteLength > MAX_GROUP_BYTES)
    throw new WireError('TOO_LARGE', `a group of ${bytes.byteLength} bytes`)
  return items
}

/** Bytes of a length-delimited field with a number below 16. */
function field(length: number): number {
  return 1 + (length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : 4) + length
}

const nested = field
