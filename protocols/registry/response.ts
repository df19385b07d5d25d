import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, refusalFields, refusalOf } from '../codes.js'
import { checkNumber, invalid, toRecord } from '../fields.js'
import type { ListedStatus, Listing } from './contract.js'
import { MAX_KEY_ENTRIES, MAX_LISTINGS, MAX_RETRY_MS } from './limits.js'
import { Response as Message } from './registry.pb.js'

export type Response =
  | { kind: 'listing'; listing: Listing }
  | { kind: 'end'; count: number }
  | { kind: 'refused'; error: WireError }

const STATUSES: ListedStatus[] = ['unknown', 'online', 'offline']

export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case 'listing': {
      const { record, status, updated } = response.listing
      return Message.encode({
        code: ResultCode.OK,
        listing: {
          record: toRecord(record),
          status: STATUSES.indexOf(status),
          updated: checkNumber(updated, 'updated')
        }
      })
    }
    case 'end':
      return Message.encode({ code: ResultCode.END, count: response.count })
    case 'refused':
      return Message.encode(refusalFields(response.error))
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse(bytes: Uint8Array): Response {
  const { code, listing, count, retryMs } = decodeCanonical(Message, bytes, {
    listing: { record: { keyEntries: MAX_KEY_ENTRIES } }
  })
  const fields = [listing, count, retryMs].filter((value) => value !== undefined).length
  if (code === ResultCode.OK && fields === 1 && listing !== undefined) {
    const { record, status, updated } = listing
    return {
      kind: 'listing',
      listing: {
        record: toRecord(record ?? invalid('a listing without a record')),
        status: STATUSES[status] ?? invalid('status is 0, 1 or 2'),
        updated: checkNumber(updated, 'updated')
      }
    }
  }
  if (code === ResultCode.END && fields === 1 && count !== undefined)
    return { kind: 'end', count: checkNumber(count, 'count', MAX_LISTINGS) }
  const name = refusalOf(code) ?? invalid(`code ${code}`)
  if (fields !== (name === 'BUSY' ? 1 : 0)) invalid('a code and fields that do not go together')
  const details =
    name === 'BUSY' ? { retryMs: checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS) } : {}
  return { kind: 'refused', error: new WireError(name, `the registry answers ${name}`, details) }
}
