/** The text of answers: one line, ASCII only, so that no client stumbles over encodings or line separators. */
import { ERRORS, LedgermeshError, nextStep } from '../core/errors.js'

export type RequestId = string | number | null

/** One line without its LF; characters beyond ASCII as \uXXXX. */
export function toLine(value: unknown): string {
  const text = JSON.stringify(value)
  // oxlint-disable-next-line no-control-regex -- DEL is escaped with everything above it
  return text.replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function resultLine(id: RequestId, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${toLine(id)},"result":${toLine(result)}}`
}

/** `{code, message, data: {kind, retryable, next, details?}}`; what is not ours says nothing of the inside. */
export function errorLine(id: RequestId, thrown: unknown): string {
  const error = thrown instanceof LedgermeshError ? thrown : new LedgermeshError('INTERNAL', 'internal error')
  const { rpc, retryable } = ERRORS[error.code]
  const next = nextStep(error.code, 'socket')
  const data = { kind: error.code, retryable, next, ...(error.details === undefined ? {} : { details: error.details }) }
  return toLine({ jsonrpc: '2.0', id, error: { code: rpc, message: error.message, data } })
}
