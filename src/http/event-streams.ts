/**
 * The feed as server-sent events. Each event is one notice of `feed.subscribe`, and its id is the position to go on
 * from: a consumer that stores the id with what it made of the data misses nothing, and gets nothing twice.
 */
import type { ServerResponse } from 'node:http'
import { LedgermeshError } from '../core/errors.js'
import { callMethod } from '../rpc/call.js'
import { toLine } from '../rpc/lines.js'
import type { Begin } from '../rpc/subscriptions.js'
import type { Bearer } from './bearers.js'
import { HEARTBEAT_MS, MAX_STREAMS, MAX_TOKEN_STREAMS, RETRY_MS } from './limits.js'
import type { Pace } from './pace.js'
import { SAFE_HEADERS, type Writer } from './writer.js'

/** The longest that a timer can wait, in ms; a token that lasts longer is looked at again. */
const MAX_TIMER_MS = 2 ** 31 - 1

interface Stream {
  token: string
  end: () => void
}

export interface EventStreamsInit {
  writer: Writer
  /** ms since the epoch. */
  now: () => number
  heartbeatMs?: number | undefined
  pace: Pick<Pace, 'turn' | 'spent'>
}

export class EventStreams {
  readonly #init: EventStreamsInit
  readonly #open = new Set<Stream>()

  constructor(init: EventStreamsInit) {
    this.#init = init
  }

  get size(): number {
    return this.#open.size
  }

  /** Returns when the stream has ended. Before it has begun: throws OVERLOADED and what `feed.subscribe` throws. */
  async serve(response: ServerResponse, { token, actor }: Bearer, params: object): Promise<void> {
    const stream = this.#reserve(token.name)
    try {
      const ended = new Promise<void>((resolve) => {
        stream.end = resolve
      })
      let begin: Begin | undefined
      const add = (_notice: string, given: Begin): string => {
        begin = given
        return token.name
      }
      await callMethod('feed.subscribe', params, {
        actor,
        stop: () => undefined,
        subscriptions: { add, remove: () => false }
      })
      if (!this.#open.has(stream) || response.destroyed) return
      response.writeHead(200, { ...SAFE_HEADERS, 'Content-Type': 'text/event-stream', Connection: 'close' })
      await this.#tell(response, stream, begin!, token.expires, ended)
    } finally {
      this.#open.delete(stream)
    }
  }

  /** Those of a token end: it was revoked. */
  endOf(token: string): void {
    for (const stream of this.#open) if (stream.token === token) this.#end(stream)
  }

  endAll(): void {
    for (const stream of this.#open) this.#end(stream)
  }

  #reserve(token: string): Stream {
    const mine = [...this.#open].filter((one) => one.token === token).length
    if (this.#open.size >= MAX_STREAMS || mine >= MAX_TOKEN_STREAMS)
      throw new LedgermeshError(
        'OVERLOADED',
        `a token has at most ${MAX_TOKEN_STREAMS} event streams, and all together ${MAX_STREAMS}`
      )
    const stream = { token, end: () => undefined }
    this.#open.add(stream)
    return stream
  }

  #end(stream: Stream): void {
    this.#open.delete(stream)
    stream.end()
  }

  async #tell(
    response: ServerResponse,
    stream: Stream,
    begin: Begin,
    expires: number,
    ended: Promise<void>
  ): Promise<void> {
    const { writer, now, pace, heartbeatMs = HEARTBEAT_MS } = this.#init
    response.write(`retry: ${RETRY_MS}\n\n`)
    const stop = begin(
      () => undefined,
      async (notice) => {
        const text = eventOf(notice)
        pace.spent(text.length)
        if (!(await writer.write(response, text)) || 'ended' in notice) this.#end(stream)
        // the next notice is made when this is over
        await pace.turn()
      }
    )
    const beat = setInterval(() => {
      if (now() >= expires) this.#end(stream)
      else if (!response.writableNeedDrain) response.write(':\n\n')
    }, heartbeatMs).unref()
    const expiry = setTimeout(
      () => {
        if (now() >= expires) this.#end(stream)
      },
      Math.min(Math.max(expires - now(), 0), MAX_TIMER_MS)
    ).unref()
    response.once('close', () => this.#end(stream))
    await ended
    clearInterval(beat)
    clearTimeout(expiry)
    stop()
    response.end()
  }
}

/** ASCII on one line of data, so that nothing in a payload can begin a line of its own. */
function eventOf(notice: object): string {
  const { last } = notice as { last?: string }
  return `${last === undefined ? 'event: ended\n' : `id: ${last}\nevent: events\n`}data: ${toLine(notice)}\n\n`
}
