/**
 * Result codes on the wire, and the one error type of protocols/ and network/. Remote peers see codes, never internal
 * messages.
 */

import { MAX_RETRY_MS } from './limits.js'

/** The `code` of every response. 0 is not a code: an empty frame says nothing. */
export const ResultCode = { OK: 1, END: 2, INVALID: 3, UNAVAILABLE: 4, DENIED: 5, BUSY: 6 } as const

export type WireErrorCode =
  /**
   * Bytes that are not the canonical encoding of an allowed message, or an allowed message at the wrong time: the
   * peer's fault.
   */
  | 'INVALID_FRAME'
  /** A declared length, a list or a reply above its limit: the peer's fault. */
  | 'TOO_LARGE'
  /** The stream ended inside a frame or before the END frame. */
  | 'TRUNCATED'
  /** A deadline passed. */
  | 'TIMEOUT'
  /** Answered by the peer: it does not have what was asked; `available` may say what it has. */
  | 'UNAVAILABLE'
  /** Answered by the peer: this node has no right to it, or the ledger is unknown there (the two look the same). */
  | 'DENIED'
  /** Answered by the peer: retry after `retryMs`. */
  | 'BUSY'
  /** Answered by the peer: our request broke a rule. Also thrown for an argument that the protocol cannot carry. */
  | 'INVALID'
  /** The stream was reset, the connection is gone, or the caller's signal fired. */
  | 'CLOSED'

export interface Available {
  /** First seq that is held. */
  earliest: number
  /** Entries from 0 up to the newest one held. */
  size: number
}

export interface WireErrorDetails extends ErrorOptions {
  /** Milliseconds to wait before asking again. */
  retryMs?: number
  available?: Available
}

/** What went wrong on a stream: `code` decides, `message` explains (locally; it never travels). */
export class WireError extends Error {
  override readonly name = 'WireError'
  readonly code: WireErrorCode
  declare readonly retryMs?: number
  declare readonly available?: Available

  constructor(code: WireErrorCode, message: string, { retryMs, available, ...options }: WireErrorDetails = {}) {
    super(message, options)
    this.code = code
    if (retryMs !== undefined) this.retryMs = retryMs
    if (available !== undefined) this.available = available
  }
}

const REFUSALS = ['INVALID', 'UNAVAILABLE', 'DENIED', 'BUSY'] as const
export type RefusalCode = (typeof REFUSALS)[number]

export function isRefusal(code: WireErrorCode): code is RefusalCode {
  return (REFUSALS as readonly string[]).includes(code)
}

/** The refusal of a number on the wire; undefined for an unknown number. */
export function refusalOf(code: number): RefusalCode | undefined {
  return REFUSALS.find((name) => ResultCode[name] === code)
}

/** The pause that a BUSY asks for, as the wire carries it. */
export function pauseMs(error: WireError): number {
  return Math.min(Math.max(Math.ceil(error.retryMs ?? 0), 0), MAX_RETRY_MS)
}

/**
 * The answer's fields for an error. An error that is not a refusal is answered INVALID when the request was at fault,
 * and UNAVAILABLE when this node was; BUSY comes with its pause.
 */
export function refusalFields(error: WireError): { code: number; retryMs?: number } {
  switch (error.code) {
    case 'BUSY':
      return { code: ResultCode.BUSY, retryMs: pauseMs(error) }
    case 'DENIED':
      return { code: ResultCode.DENIED }
    case 'INVALID':
    case 'INVALID_FRAME':
    case 'TOO_LARGE':
      return { code: ResultCode.INVALID }
    default:
      return { code: ResultCode.UNAVAILABLE }
  }
}

/** Any thrown value as a WireError: a timeout stays a timeout; errors of the stream or a signal become CLOSED. */
export function wireError(thrown: unknown): WireError {
  if (thrown instanceof WireError) return thrown
  // libp2p rejects with a StreamResetEvent in places; the error is inside.
  const cause = thrown instanceof Error ? thrown : ((thrown as { error?: unknown } | null)?.error ?? thrown)
  const message = cause instanceof Error ? cause.message : 'the stream is closed'
  return new WireError(cause instanceof Error && cause.name === 'TimeoutError' ? 'TIMEOUT' : 'CLOSED', message, {
    cause
  })
}

/** Codes of a peer that broke the protocol by what it sent, not by what it lacks. The network drops it for these. */
export function isViolation(error: unknown): error is WireError & { readonly code: 'INVALID_FRAME' | 'TOO_LARGE' } {
  return error instanceof WireError && (error.code === 'INVALID_FRAME' || error.code === 'TOO_LARGE')
}
