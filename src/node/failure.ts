import { WireError, type WireErrorCode } from '../../protocols/wire.js'
import { isCoded, type ErrorCode, type LedgermeshError } from '../core/errors.js'
import { NetworkError, type NetworkErrorCode } from '../network/host.js'
import type { Blame } from '../sync/types.js'

export interface Failure { code: ErrorCode, blame: Blame, retryMs?: number, available?: { earliest: number, size: number } }

const WIRE: Record<WireErrorCode, { code: ErrorCode, blame: Blame }> = {
  INVALID_FRAME: { code: 'MALFORMED', blame: 'peer' },
  TOO_LARGE: { code: 'TOO_LARGE', blame: 'peer' },
  TRUNCATED: { code: 'UNREACHABLE', blame: 'nobody' },
  TIMEOUT: { code: 'TIMEOUT', blame: 'nobody' },
  UNAVAILABLE: { code: 'NOT_FOUND', blame: 'nobody' },
  DENIED: { code: 'REFUSED', blame: 'nobody' },
  BUSY: { code: 'OVERLOADED', blame: 'nobody' },
  INVALID: { code: 'REFUSED', blame: 'nobody' },
  CLOSED: { code: 'UNREACHABLE', blame: 'nobody' }
}

/** What ends before a stream is open proves nothing against the peer. */
const NETWORK: Partial<Record<NetworkErrorCode, ErrorCode>> = { TIMEOUT: 'TIMEOUT', BUSY: 'OVERLOADED', UNSUPPORTED: 'REFUSED' }

/** Reasons why what a peer handed over cannot be its author's words: the peer made it up. */
const LIES: ErrorCode[] = [
  'MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'WRONG_LEDGER', 'BROKEN_LINK', 'KEY_NOT_IN_FORCE', 'BAD_SIGNATURE', 'BAD_KEY', 'PAYLOAD_MISMATCH',
  'BAD_EVIDENCE', 'BAD_RECORD'
]

/** Does the error prove that the peer made it up? Our own troubles (the disk, a busy worker) never do. */
export function isLie (error: unknown): error is LedgermeshError {
  return isCoded(error) && LIES.includes(error.code)
}

/** Why a fetch failed, in sync's words. A timeout, a busy peer and a newer version are nobody's fault (I5). */
export function failureOf (error: unknown): Failure {
  if (error instanceof WireError) {
    return {
      ...WIRE[error.code],
      ...(error.retryMs === undefined ? {} : { retryMs: error.retryMs }),
      ...(error.available === undefined ? {} : { available: error.available })
    }
  }
  if (error instanceof NetworkError) return { code: NETWORK[error.code] ?? 'UNREACHABLE', blame: 'nobody' }
  if (isCoded(error)) return { code: error.code, blame: isLie(error) ? 'peer' : 'nobody' }
  return { code: 'UNREACHABLE', blame: 'nobody' }
}
