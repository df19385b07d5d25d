/** Maps errors of peers, streams and the network to the one table of who is punished (core/verdict.ts). */
import { WireError, type WireErrorCode } from '../../../protocols/wire.js'
import { isCoded, type ErrorCode } from '../../core/errors.js'
import { verdictOf, type Place, type Verdict } from '../../core/verdict.js'
import type { Verdict as GossipVerdict } from '../../network/host.js'
import { NetworkError, type NetworkErrorCode } from '../../network/network-error.js'
import type { Fault } from '../../sync/types.js'

export interface Failure {
  code: ErrorCode
  fault: Fault
  retryMs?: number
  available?: { earliest: number; size: number }
}

/** A frame that breaks the protocol was made up; all other errors of streams are of the connection, or a refusal. */
export const WIRE_CODES: Record<WireErrorCode, ErrorCode> = {
  INVALID_FRAME: 'MALFORMED',
  TOO_LARGE: 'TOO_LARGE',
  TRUNCATED: 'UNREACHABLE',
  TIMEOUT: 'TIMEOUT',
  UNAVAILABLE: 'NOT_FOUND',
  DENIED: 'REFUSED',
  BUSY: 'OVERLOADED',
  INVALID: 'REFUSED',
  CLOSED: 'UNREACHABLE'
}

/** An error before a stream is open proves nothing against the peer. */
const NETWORK_CODES: Partial<Record<NetworkErrorCode, ErrorCode>> = {
  TIMEOUT: 'TIMEOUT',
  BUSY: 'OVERLOADED',
  UNSUPPORTED: 'REFUSED'
}

/** The code of any thrown value; null: it has none, which is a bug. */
function codeOf(error: unknown): ErrorCode | null {
  if (error instanceof WireError) return WIRE_CODES[error.code]
  if (error instanceof NetworkError) return NETWORK_CODES[error.code] ?? 'UNREACHABLE'
  return isCoded(error) ? error.code : null
}

/** The verdict on the peer for an error at that place; `code` is the reason. */
export function judged(error: unknown, place: Place): { verdict: Verdict; code: ErrorCode } {
  const code = codeOf(error)
  return code === null ? { verdict: 'ours', code: 'INTERNAL' } : { verdict: verdictOf(code, place), code }
}

/** The verdict on a gossip message whose check threw this. Rethrows errors of this node. */
export function gossipVerdict(error: unknown): GossipVerdict {
  const { verdict } = judged(error, 'gossip')
  if (verdict === 'ours') throw error
  return verdict === 'reject' ? 'reject' : 'ignore'
}

/**
 * The reason why a peer did not send requested data, as sync expects it. Raw errors of libp2p count as the
 * connection's.
 */
export function failureOf(error: unknown): Failure {
  const code = codeOf(error) ?? 'UNREACHABLE'
  return {
    code,
    fault: verdictOf(code, 'asked') === 'drop' ? 'peer' : 'none',
    ...(error instanceof WireError && error.retryMs !== undefined && { retryMs: error.retryMs }),
    ...(error instanceof WireError && error.available !== undefined && { available: error.available })
  }
}
