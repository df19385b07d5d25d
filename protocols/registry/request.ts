/** The request frame, checked alike when it is made and when it is read. */
import { decodeCanonical } from '../canonical.js'
import { WireError } from '../codes.js'
import { checkLedger, checkNumber, checkText, invalid, toRecord } from '../fields.js'
import type { SignedRecord } from '../types.js'
import type { DiscoverRequest } from './contract.js'
import { MAX_KEY_ENTRIES, MAX_LISTINGS, MAX_NAME_BYTES, MAX_REQUEST_BYTES } from './limits.js'
import { Request as Message } from './registry.pb.js'

export type Request =
  | { kind: 'register'; record: SignedRecord }
  | { kind: 'discover'; discover: DiscoverRequest }
  | { kind: 'getLedger'; ledger: string }
  | { kind: 'updateStatus'; ledger: string; status: 'online' | 'offline' }

const STATUS = { online: 1, offline: 2 } as const

/** Throws INVALID for a request that the protocol cannot carry. */
export function encodeRequest(request: Request): Uint8Array {
  try {
    const bytes = encode(request)
    return bytes.byteLength <= MAX_REQUEST_BYTES ? bytes : invalid(`a request of ${bytes.byteLength} bytes`)
  } catch (error) {
    throw error instanceof WireError ? new WireError('INVALID', error.message, { cause: error }) : error
  }
}

function encode(request: Request): Uint8Array {
  switch (request.kind) {
    case 'register':
      return Message.encode({ register: toRecord(request.record) })
    case 'discover':
      return Message.encode({ discover: checkDiscover(request.discover) })
    case 'getLedger':
      return Message.encode({ getLedger: { ledger: checkLedger(request.ledger) } })
    case 'updateStatus':
      return Message.encode({ updateStatus: { ledger: checkLedger(request.ledger), status: STATUS[request.status] } })
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeRequest(bytes: Uint8Array): Request {
  const { register, discover, getLedger, updateStatus } = decodeCanonical(Message, bytes, {
    register: { keyEntries: MAX_KEY_ENTRIES }
  })
  if (register !== undefined) return { kind: 'register', record: toRecord(register) }
  if (discover !== undefined) return { kind: 'discover', discover: checkDiscover(discover) }
  if (getLedger !== undefined) return { kind: 'getLedger', ledger: checkLedger(getLedger.ledger) }
  if (updateStatus === undefined) return invalid('an empty request')
  const { ledger, status } = updateStatus
  // SPEC registry §4: "`status` is 1 (online) or 2 (offline)."
  return {
    kind: 'updateStatus',
    ledger: checkLedger(ledger),
    status: status === STATUS.online ? 'online' : status === STATUS.offline ? 'offline' : invalid('status is 1 or 2')
  }
}

// SPEC registry §4: "`limit` is 1 to 256."
function checkDiscover({ capability, region, limit }: DiscoverRequest): DiscoverRequest {
  if (checkNumber(limit, 'limit', MAX_LISTINGS) === 0) invalid('limit is 0')
  return {
    ...(capability === undefined ? {} : { capability: checkText(capability, 'capability', MAX_NAME_BYTES) }),
    ...(region === undefined ? {} : { region: checkText(region, 'region', MAX_NAME_BYTES) }),
    limit
  }
}
