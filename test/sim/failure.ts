/** What an error means: as node/failure.ts, for the simulated wire. */
import { isCoded, LedgermeshError, type ErrorCode } from '../../src/core/errors.js'
import type { Blame } from '../../src/sync/types.js'

/** Reasons why what a peer handed over cannot be its author's words. */
const LIES: ErrorCode[] = ['MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'WRONG_LEDGER', 'BROKEN_LINK', 'KEY_NOT_IN_FORCE', 'BAD_SIGNATURE', 'BAD_KEY', 'BAD_EVIDENCE']

/** What a peer's refusal carries over the simulated wire. */
export class Refusal extends LedgermeshError {
  readonly more: { retryMs?: number, available?: { earliest: number, size: number } }
  constructor (code: ErrorCode, more: { retryMs?: number, available?: { earliest: number, size: number } } = {}) {
    super(code, 'refused')
    this.more = more
  }
}

export function isLie (error: unknown): boolean {
  return isCoded(error) && LIES.includes(error.code)
}

/** What a failed fetch means to sync. */
export function failureOf (error: unknown): { code: ErrorCode, blame: Blame, retryMs?: number, available?: { earliest: number, size: number } } {
  if (error instanceof Refusal) return { code: error.code, blame: 'nobody', ...error.more }
  if (isCoded(error)) return { code: error.code, blame: isLie(error) ? 'peer' : 'nobody' }
  throw error
}
