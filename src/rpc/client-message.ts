/** What clients send and get, whichever way it goes. */
import { ERRORS, LedgermeshError, type ErrorCode } from '../core/errors.js'
import { isObject } from '../core/is-object.js'
import type { Members } from '../core/options.js'
import { copyJson, type JsonLimits } from '../core/json-value.js'
import type { Json } from '../core/parse-text.js'
import { MAX_ANSWER_BYTES, MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH } from './limits.js'

/** Of one call in a batch: its result, or its error. */
export type Outcome<Result> = { result: Result; error?: undefined } | { result?: undefined; error: LedgermeshError }

/** What stands around a payload in an answer is deeper than around one in a request. */
export const MAX_ANSWER_DEPTH = MAX_MESSAGE_DEPTH + 32

/** The answers of a batch: the last ones may each be as large as an answer may be. */
export const MAX_LINE_BYTES = 4 * MAX_ANSWER_BYTES

/** The params of one call: a message, and the list that a batch is, stand around them. */
const PARAMS_LIMITS: JsonLimits = { maxDepth: MAX_MESSAGE_DEPTH - 2, maxBytes: MAX_MESSAGE_BYTES }

export const CALL: Members<{ method: unknown; params: unknown }> = { method: true, params: true }

/** What `JSON.stringify` would leave out or change is refused here as the node would refuse it. */
export function readable(params: object): Json {
  if (!isObject(params)) throw new LedgermeshError('INVALID_PARAMS', 'params are given by name, as an object')
  return copyJson(
    Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined)),
    'params',
    PARAMS_LIMITS
  )
}

/** Of an answer. */
export function outcomeOf(answer: unknown): Outcome<unknown> {
  if (!isObject(answer)) return { error: readError(null) }
  return Object.hasOwn(answer, 'error') ? { error: readError(answer.error) } : { result: answer.result as unknown }
}

export function unwrap<Result>(outcome: Outcome<Result>): Result {
  if (outcome.error !== undefined) throw outcome.error
  return outcome.result
}

export function readError(error: unknown): LedgermeshError {
  const { message, data } = isObject(error) ? error : {}
  const { kind, details } = isObject(data) ? data : {}
  const code = typeof kind === 'string' && Object.hasOwn(ERRORS, kind) ? (kind as ErrorCode) : 'INTERNAL'
  return new LedgermeshError(
    code,
    typeof message === 'string' ? message : 'the node refused',
    isObject(details) ? details : undefined
  )
}
