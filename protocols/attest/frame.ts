/** Request and response frames, checked alike when they are made and when they are read. */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, pauseMs, refusalOf, type RefusalCode } from '../codes.js'
import { checkLedger, checkNumber, invalid, toKeyEntry } from '../fields.js'
import { Request as RequestMessage, Response as Message } from './attest.pb.js'
import {
  BUSY_AFTER_MS,
  CLOSE_TIMEOUT_MS,
  MAX_GROUP_BYTES,
  MAX_ITEMS,
  MAX_RETRY_MS,
  REQUEST_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  TOTAL_TIMEOUT_MS
} from './limits.js'
import type { AttestDeadlines, AttestItem, AttestRequest } from './contract.js'

export const DEADLINES: AttestDeadlines = {
  requestMs: REQUEST_TIMEOUT_MS,
  busyAfterMs: BUSY_AFTER_MS,
  stallMs: STALL_TIMEOUT_MS,
  totalMs: TOTAL_TIMEOUT_MS,
  closeMs: CLOSE_TIMEOUT_MS
}

export type Response =
  | { kind: 'items'; items: AttestItem[] }
  | { kind: 'end'; count: number }
  | { kind: 'refused'; error: WireError }

/** Throws INVALID for a text that is not a ledger id. */
export function encodeRequest(request: AttestRequest): Uint8Array {
  try {
    return RequestMessage.encode(
      'about' in request
        ? { about: { ledger: checkLedger(request.about) } }
        : { by: { ledger: checkLedger(request.by) } }
    )
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

/** Throws INVALID_FRAME. */
export function decodeRequest(bytes: Uint8Array): AttestRequest {
  const { about, by } = decodeCanonical(RequestMessage, bytes)
  if (about !== undefined) return { about: checkLedger(about.ledger) }
  return { by: checkLedger((by ?? invalid('an empty request')).ledger) }
}

export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case 'items':
      return Message.encode({ code: ResultCode.OK, items: { items: response.items.map(fromItem) } })
    case 'end':
      return Message.encode({ code: ResultCode.END, count: response.count })
    case 'refused':
      return encodeRefusal(response.error)
  }
}

function encodeRefusal(error: WireError): Uint8Array {
  switch (error.code) {
    case 'BUSY':
      return Message.encode({ code: ResultCode.BUSY, retryMs: pauseMs(error) })
    case 'INVALID':
    case 'INVALID_FRAME':
    case 'TOO_LARGE':
      return Message.encode({ code: ResultCode.INVALID })
    default:
      return Message.encode({ code: ResultCode.UNAVAILABLE })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse(bytes: Uint8Array): Response {
  const { code, items, count, retryMs } = decodeCanonical(Message, bytes, { items: { items: MAX_ITEMS } })
  const fields = [items, count, retryMs].filter((value) => value !== undefined).length
  if (code === ResultCode.OK && fields === 1 && items !== undefined)
    return { kind: 'items', items: toItems(items.items) }
  if (code === ResultCode.END && fields === 1 && count !== undefined)
    return { kind: 'end', count: checkNumber(count, 'count', MAX_ITEMS) }
  const name: RefusalCode = refusalOf(code) ?? invalid('a code and fields that do not go together')
  if (name === 'DENIED' || fields !== (name === 'BUSY' ? 1 : 0)) invalid('a code and fields that do not go together')
  if (name !== 'BUSY') return { kind: 'refused', error: new WireError(name, `the peer answers ${name}`) }
  return {
    kind: 'refused',
    error: new WireError(name, 'the peer answers BUSY', {
      retryMs: checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS)
    })
  }
}

/** Bytes that an item adds to its frame, at most. */
export function sizeOf({ attestation, acceptance }: AttestItem): number {
  // 32: tags and lengths of the item, its two parts and their fields
  return (
    32 +
    attestation.header.byteLength +
    attestation.signature.byteLength +
    (acceptance === null ? 0 : acceptance.header.byteLength + acceptance.signature.byteLength)
  )
}

interface ItemMessage {
  attestation?: SignedHeader
  acceptance?: SignedHeader
}
interface SignedHeader {
  header: Uint8Array
  signature: Uint8Array
}

function fromItem(item: AttestItem): ItemMessage {
  return {
    attestation: toKeyEntry(item.attestation),
    ...(item.acceptance === null ? {} : { acceptance: toKeyEntry(item.acceptance) })
  }
}

// SPEC attest §4: "Several items stand in one frame only if they fit into 65,536 bytes."
function toItems(messages: ItemMessage[]): AttestItem[] {
  const items = messages.map(({ attestation, acceptance }): AttestItem => ({
    attestation: toKeyEntry(attestation ?? invalid('an item without an attestation')),
    acceptance: acceptance === undefined ? null : toKeyEntry(acceptance)
  }))
  if (items.length === 0) invalid('no items')
  if (items.length > 1 && items.reduce((sum, item) => sum + sizeOf(item), 0) > MAX_GROUP_BYTES)
    throw new WireError('TOO_LARGE', 'too many items in one frame')
  return items
}
