/**
 * The client of a node's HTTP, with an access token (`ledgermesh token create`): the same calls as over the socket, for
 * programs on other machines, behind a proxy with TLS, or in a browser's own origin.
 *
 *     const client = new HttpClient('http://127.0.0.1:7480', { token })
 *     const { entries } = await client.call('ledger.query', { limit: 10 })
 */
import { isCoded, LedgermeshError, type ErrorCode } from '../core/errors.js'
import { isObject } from '../core/is-object.js'
import { readOptions, type Members } from '../core/options.js'
import type { FeedNotice } from '../node/api/feed.js'
import {
  CALL,
  MAX_ANSWER_DEPTH,
  MAX_LINE_BYTES,
  outcomeOf,
  readable,
  readError,
  unwrap,
  type Outcome
} from './client-message.js'
import { JsonStream } from './json-stream.js'
import type { GivenTo, ResultOf } from './method.js'
import type { MethodName, Methods } from './methods/index.js'
import { ServerEvents } from './server-events.js'

/** How a node's HTTP is called. */
export interface HttpClientOptions {
  /** An access token of the node. */
  token: string
}

const OPTIONS: Members<HttpClientOptions> = { token: true }
const TOKEN = /^lmt_[0-9a-f]{64}$/

/**
 * Calls a node over HTTP. What is pushed comes by `followFeed` alone.
 *
 * @example
 * const client = new HttpClient('http://127.0.0.1:7480', { token })
 * const { entries, next } = await client.call('sync.entries', {})
 */
export class HttpClient {
  readonly #base: URL
  readonly #token: string
  readonly #closing = new AbortController()

  /** Throws INVALID_PARAMS for what is no address or no token. The token is sent to this address and to no other. */
  constructor(url: string, options: HttpClientOptions) {
    const { token } = readOptions(options, OPTIONS)
    const base = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
    if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.pathname !== '/')
      throw new LedgermeshError('INVALID_PARAMS', 'a node is named by its address alone: http://127.0.0.1:7480')
    if (typeof token !== 'string' || !TOKEN.test(token))
      throw new LedgermeshError('INVALID_PARAMS', 'an access token is lmt_ and 64 hex digits')
    this.#base = base
    this.#token = token
  }

  /** Rejects with the LedgermeshError that the node answered, or NODE_UNREACHABLE. */
  async call<Name extends MethodName>(method: Name, params: GivenTo<Methods[Name]>): Promise<ResultOf<Methods[Name]>> {
    const answer = await this.#post({ jsonrpc: '2.0', id: 1, method, params: readable(params) })
    return unwrap(outcomeOf(answer)) as ResultOf<Methods[Name]>
  }

  /** One message, at most MAX_BATCH calls; one outcome for each, in order. */
  async batch<Name extends MethodName>(
    calls: { method: Name; params: GivenTo<Methods[Name]> }[]
  ): Promise<Outcome<ResultOf<Methods[Name]>>[]> {
    if (calls.length === 0) return []
    const messages = calls
      .map((call) => readOptions(call, CALL, 'member'))
      .map(({ method, params }, id) => ({ jsonrpc: '2.0', id, method, params: readable(params) }))
    const answer = await this.#post(messages)
    if (!Array.isArray(answer)) throw outcomeOf(answer).error ?? noNode('it answered a batch with one answer')
    const byId = new Map(answer.map((one) => [isObject(one) ? one.id : null, outcomeOf(one)]))
    return messages.map(({ id }) => byId.get(id) ?? { error: noNode('a call of the batch has no answer') }) as Outcome<
      ResultOf<Methods[Name]>
    >[]
  }

  /**
   * What came after a position of the feed, then what comes, until the returned function is called. The next notice
   * comes when the listener's promise has resolved. Throws FEED_RESET when the consumer has to begin again, with
   * `feed.snapshot`. A connection that breaks ends it with NODE_UNREACHABLE: follow again, from the last position.
   */
  async followFeed(
    params: GivenTo<Methods['feed.subscribe']>,
    listener: (notice: FeedNotice) => void | Promise<void>
  ): Promise<() => Promise<void>> {
    const given = readable(params)
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(given as Record<string, unknown>))
      for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
    const stopping = new AbortController()
    const response = await this.#fetch(`/feed?${query.toString()}`, {
      headers: { Accept: 'text/event-stream' },
      signal: AbortSignal.any([stopping.signal, this.#closing.signal])
    })
    if (!response.ok) throw await refusalOf(response)
    const reading = readEvents(response, listener, () => stopping.signal.aborted || this.#closing.signal.aborted)
    return async () => {
      stopping.abort()
      await reading
    }
  }

  /** What is pending rejects with CLOSED. */
  async close(): Promise<void> {
    this.#closing.abort()
  }

  async #post(message: unknown): Promise<unknown> {
    const response = await this.#fetch('/rpc', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
      signal: this.#closing.signal
    })
    if (!response.ok) throw await refusalOf(response)
    return await readJson(response)
  }

  /** A token follows no redirect. */
  async #fetch(
    path: string,
    { headers, ...init }: Omit<RequestInit, 'headers'> & { headers: Record<string, string> }
  ): Promise<Response> {
    try {
      return await fetch(new URL(path, this.#base), {
        ...init,
        headers: { ...headers, Authorization: `Bearer ${this.#token}` },
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store'
      })
    } catch (error) {
      throw this.#lost(error)
    }
  }

  #lost(cause: unknown): LedgermeshError {
    return this.#closing.signal.aborted
      ? new LedgermeshError('CLOSED', 'the client was closed')
      : new LedgermeshError('NODE_UNREACHABLE', `no node answers at ${this.#base.origin}`, undefined, { cause })
  }
}

async function readEvents(
  response: Response,
  listener: (notice: FeedNotice) => void | Promise<void>,
  isStopped: () => boolean
): Promise<void> {
  let ended: ErrorCode = 'NODE_UNREACHABLE'
  try {
    const events = new ServerEvents(MAX_LINE_BYTES)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      for (const data of events.push(chunk)) {
        const notice = parseOne(data) as FeedNotice
        await listener(notice)
        if ('ended' in notice) return
      }
  } catch (error) {
    if (isStopped()) return
    if (isCoded(error)) ended = error.code
  }
  if (!isStopped()) await listener({ ended })
}

/** Throws NO_ANSWER. */
function parseOne(text: string): unknown {
  const stream = new JsonStream({ maxBytes: MAX_LINE_BYTES, maxDepth: MAX_ANSWER_DEPTH })
  return valueOf([...stream.push(Buffer.from(text)), ...stream.end()])
}

/** Throws NO_ANSWER. */
async function readJson(response: Response): Promise<unknown> {
  const stream = new JsonStream({ maxBytes: MAX_LINE_BYTES, maxDepth: MAX_ANSWER_DEPTH })
  const items = []
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) items.push(...stream.push(chunk))
  } catch (error) {
    throw new LedgermeshError('NODE_UNREACHABLE', 'the connection to the node was lost', undefined, { cause: error })
  }
  return valueOf([...items, ...stream.end()])
}

function valueOf(items: ReturnType<JsonStream['end']>): unknown {
  const [item] = items
  if (item === undefined || !item.ok || items.length > 1) throw noNode('it did not answer in JSON')
  return item.value
}

async function refusalOf(response: Response): Promise<LedgermeshError> {
  const answer = await readJson(response)
  return isObject(answer) && isObject(answer.error) ? readError(answer.error) : noNode(`it answered ${response.status}`)
}

function noNode(why: string): LedgermeshError {
  return new LedgermeshError('NO_ANSWER', `the program at this address is not a node: ${why}`)
}
