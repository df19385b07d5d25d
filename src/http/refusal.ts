/** What goes wrong before a call is made, or in it, as HTTP says it: a status, and an error of the table. */
import { ERRORS, isCoded, LedgermeshError, nextStep, type ErrorCode } from '../core/errors.js'

/** A refusal with a status of its own, and perhaps headers. */
export class HttpRefusal extends Error {
  readonly status: number
  readonly error: LedgermeshError
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: ErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.error = new LedgermeshError(code, message)
    this.headers = headers
  }
}

/** What is not here is 422, or 503 where it can be tried again. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  PARSE_ERROR: 400,
  INVALID_REQUEST: 400,
  INVALID_PARAMS: 400,
  CURSOR_INVALID: 400,
  AMBIGUOUS: 400,
  SHORT_FORM: 400,
  NOT_PERMITTED: 403,
  READING_ONLY: 403,
  NOT_FOUND: 404,
  NO_SUCH_NAME: 404,
  METHOD_NOT_FOUND: 404,
  ID_TAKEN: 409,
  FEED_RESET: 410,
  TOO_LARGE: 413,
  INTERNAL: 500,
  STORE_FAILED: 500,
  STORE_DAMAGED: 500,
  OVERLOADED: 503,
  CLOSED: 503
}

export function statusOf(code: ErrorCode): number {
  return STATUS[code] ?? (ERRORS[code].retryable ? 503 : 422)
}

/** As a refusal; null: it is nothing that a caller may be told. */
export function refusalOf(thrown: unknown): {
  status: number
  error: LedgermeshError
  headers: Record<string, string>
} {
  if (thrown instanceof HttpRefusal) return { status: thrown.status, error: thrown.error, headers: thrown.headers }
  const error = isCoded(thrown) ? thrown : new LedgermeshError('INTERNAL', 'internal error')
  return { status: statusOf(error.code), error, headers: error.code === 'OVERLOADED' ? { 'Retry-After': '1' } : {} }
}

/** `{error: {code, message, data: {kind, retryable, next, details?}}}`: as JSON-RPC says it. */
export function errorBody({ code, message, details }: LedgermeshError): object {
  const { rpc, retryable } = ERRORS[code]
  return {
    error: {
      code: rpc,
      message,
      data: { kind: code, retryable, next: nextStep(code, 'socket'), ...(details !== undefined && { details }) }
    }
  }
}
