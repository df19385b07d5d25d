/** The body of a request: one JSON text, read as the socket reads a message, and never more of it than it may have. */
import type { IncomingMessage } from 'node:http'
import { LedgermeshError } from '../core/errors.js'
import { JsonStream, type StreamItem } from '../rpc/json-stream.js'
import { MAX_MESSAGE_DEPTH } from '../rpc/limits.js'
import { onlyOne } from './guard.js'
import { MAX_BODY_BYTES } from './limits.js'
import { HttpRefusal } from './refusal.js'

/** Only what a page cannot send without being asked first; throws HttpRefusal before a byte of the body is read. */
export function checkBodyHead(request: Pick<IncomingMessage, 'rawHeaders'>): void {
  const type = onlyOne(request, 'content-type')
  if (type === null || !/^application\/json *(?:; *charset="?utf-8"?)?$/i.test(type.trim()))
    throw new HttpRefusal(415, 'INVALID_REQUEST', 'a body is JSON: Content-Type: application/json')
  const encoding = onlyOne(request, 'content-encoding')
  if (encoding !== null && encoding.toLowerCase() !== 'identity')
    throw new HttpRefusal(415, 'INVALID_REQUEST', 'a body comes as it is, not compressed')
  const length = onlyOne(request, 'content-length')
  if (length !== null && Number(length) > MAX_BODY_BYTES) throw tooLarge()
}

/** Throws HttpRefusal, or PARSE_ERROR and MALFORMED. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const stream = new JsonStream({ maxBytes: MAX_BODY_BYTES, maxDepth: MAX_MESSAGE_DEPTH })
  const items: StreamItem[] = []
  let bytes = 0
  for await (const chunk of chunksOf(request)) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) throw tooLarge()
    items.push(...stream.push(chunk))
    if (items.length > 1) break
  }
  items.push(...stream.end())
  const [item, more] = items
  if (item === undefined) throw new LedgermeshError('PARSE_ERROR', 'the body is empty')
  if (!item.ok) throw new LedgermeshError(item.code, item.reason, item.details)
  if (more !== undefined) throw new LedgermeshError('PARSE_ERROR', 'the body is more than one JSON text')
  return item.value
}

function tooLarge(): HttpRefusal {
  return new HttpRefusal(413, 'TOO_LARGE', `the body has more than ${MAX_BODY_BYTES} bytes`)
}

/** What is not read any more leaves the connection as it is: a refusal goes over it. */
function chunksOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array> }
}
