import { ERRORS, type ErrorRow, type Surface } from './error-table.js'

export { ERRORS, type Surface } from './error-table.js'

/** The codes of the error table, described in REFERENCE.md. Programs decide by the code, never by the message. */
export type ErrorCode = keyof typeof ERRORS

/** What to do about the error, for a reader at that place. */
export function nextStep(code: ErrorCode, surface: Surface): string {
  const { next } = ERRORS[code] as ErrorRow
  return typeof next === 'string' ? next : next[surface]
}

/** The only error type that crosses our layers: `code` decides, `message` explains. */
export class LedgermeshError extends Error {
  override readonly name = 'LedgermeshError'
  readonly code: ErrorCode
  /** Details for programs (JSON values): for example the references that were not resolved. */
  readonly details: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, details?: Record<string, unknown>, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** Narrows any thrown value: is it a LedgermeshError with this code? */
export function isCoded(error: unknown, code?: ErrorCode): error is LedgermeshError {
  return error instanceof LedgermeshError && (code === undefined || error.code === code)
}
