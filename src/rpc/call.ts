/** One JSON-RPC 2.0 message in, one line (or nothing) out. */
import { isObject } from '../core/grammar.js'
import { LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import { errorLine, resultLine, type RequestId } from './lines.js'
import type { CallContext, Context } from './handler.js'
import { HANDLERS } from './handlers/index.js'
import { MAX_ANSWER_BYTES, MAX_BATCH, MAX_BATCH_RUNNING } from './limits.js'
import { findMethod, type MethodName } from './methods/index.js'
import { readParams } from './read-params.js'
import { hasShortForms, resolveHandles } from './resolve-handles.js'

/** Answers a request or a batch; null: there is nothing to answer. Never rejects. */
export async function answerMessage(message: unknown, context: CallContext, log: Log): Promise<string | null> {
  if (!Array.isArray(message)) return answerRequest(message, context, log)
  if (message.length === 0) return errorLine(null, new LedgermeshError('INVALID_REQUEST', 'the batch is empty'))
  if (message.length > MAX_BATCH) {
    return errorLine(
      null,
      new LedgermeshError('INVALID_REQUEST', `the batch has ${message.length} requests; the limit is ${MAX_BATCH}`)
    )
  }
  const lines = (await answerBatch(message, context, log)).filter((line) => line !== null)
  return lines.length === 0 ? null : `[${lines.join(',')}]`
}

/**
 * Answers in the order of the requests, which run side by side. What the client gets is bounded, whatever it asked for.
 */
async function answerBatch(requests: unknown[], context: CallContext, log: Log): Promise<(string | null)[]> {
  const lines: (string | null)[] = []
  let next = 0
  let bytes = 0
  const work = async (): Promise<void> => {
    while (next < requests.length) {
      const at = next++
      const answer =
        bytes < MAX_ANSWER_BYTES ? await answerRequest(requests[at], context, log) : refuseRest(requests[at])
      lines[at] = answer
      bytes += answer?.length ?? 0
    }
  }
  await Promise.all(Array.from({ length: Math.min(requests.length, MAX_BATCH_RUNNING) }, work))
  return lines
}

function refuseRest(request: unknown): string | null {
  if (!isObject(request) || !Object.hasOwn(request, 'id')) return null
  return errorLine(
    idOf(request),
    new LedgermeshError('OVERLOADED', `not run: the answers of this batch already have ${MAX_ANSWER_BYTES} bytes`)
  )
}

async function answerRequest(request: unknown, context: CallContext, log: Log): Promise<string | null> {
  let id: RequestId | undefined = null
  try {
    if (!isObject(request)) throw new LedgermeshError('INVALID_REQUEST', 'a request is an object')
    const given: unknown = Object.hasOwn(request, 'id') ? request.id : undefined
    if (given !== undefined && !isId(given))
      throw new LedgermeshError('INVALID_REQUEST', 'an id is a string, a safe integer or null')
    id = given ?? null
    const { jsonrpc, method, params } = request
    if (jsonrpc !== '2.0') throw new LedgermeshError('INVALID_REQUEST', 'jsonrpc must be "2.0"')
    if (typeof method !== 'string') throw new LedgermeshError('INVALID_REQUEST', 'method must be a string')
    if (params !== undefined && typeof params !== 'object')
      throw new LedgermeshError('INVALID_REQUEST', 'params must be an array or an object')
    // From here on the request is valid: without an id it is a notification, and even its errors are not answered.
    id = given
    const notification = id === undefined
    const result = await callMethod(method, params, notification ? { ...context, subscriptions: undefined } : context)
    return id === undefined ? null : boundedLine(id, result)
  } catch (error) {
    if (!(error instanceof LedgermeshError))
      log.error({ event: 'rpc.method-failed', error }, 'unexpected error in an RPC method')
    return id === undefined ? null : errorLine(id, error)
  }
}

/** The id of a request that is refused unread; null: it has none, or is no single request. */
export function idOf(request: unknown): RequestId {
  const id: unknown = isObject(request) && Object.hasOwn(request, 'id') ? request.id : null
  return isId(id) ? id : null
}

function isId(value: unknown): value is RequestId {
  return value === null || typeof value === 'string' || Number.isSafeInteger(value)
}

/**
 * What a method answers. The only way to a handler, whichever way the call came: rights first, then params. Throws
 * METHOD_NOT_FOUND, NOT_PERMITTED, READING_ONLY, INVALID_PARAMS, and what the method throws.
 */
export async function callMethod(name: string, given: unknown, context: CallContext): Promise<unknown> {
  const method = findMethod(name)
  if (method === undefined)
    throw new LedgermeshError('METHOD_NOT_FOUND', `there is no method ${JSON.stringify(name.slice(0, 64))}`)
  context.actor.checkAccess(name, method)
  const handler = HANDLERS[name as MethodName] as (
    params: Record<string, unknown>,
    context: Context
  ) => Promise<unknown>
  const params = readParams(method, given)
  context.actor.checkParams(name, method, params)
  if (hasShortForms(method, params)) await resolveHandles(method, params, context.actor.node.handles)
  return handler(params, { ...context, node: context.actor.node, from: context.actor.from })
}

function boundedLine(id: RequestId, result: unknown): string {
  return bounded(() => resultLine(id, result))
}

/** Throws TOO_LARGE. */
export function bounded(make: () => string): string {
  let line: string | undefined
  try {
    line = make()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // a text cannot be longer than 512 MiB
  }
  if (line === undefined || line.length > MAX_ANSWER_BYTES)
    throw new LedgermeshError('TOO_LARGE', `the answer has more than ${MAX_ANSWER_BYTES} bytes: ask for less`)
  return line
}
