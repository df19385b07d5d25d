/** HTTP, off by default. It adds nothing to what the node can do: every request is a call of one method of the table. */
import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { LedgermeshError } from '../core/errors.js'
import type { Node } from '../node/api/node.js'
import type { Log } from '../ports.js'
import { Answers, type AnswersInit } from './answers.js'
import type { Doorkeeper } from './bearers.js'
import { guard, type Own } from './guard.js'
import {
  CHECK_MS,
  HEAD_MS,
  KEEP_ALIVE_MS,
  MAX_CONNECTIONS,
  MAX_HEAD_BYTES,
  REQUEST_MS,
  STOP_LOOK_MS,
  STOP_MS
} from './limits.js'
import { listenAt, namesOf, placeOf, type HttpSettings } from './listen.js'
import { errorBody, refusalOf } from './refusal.js'
import { SAFE_HEADERS } from './writer.js'

export interface HttpServerOptions extends Pick<AnswersInit, 'stallMs' | 'heartbeatMs' | 'pace'> {
  settings: HttpSettings
  node: Node
  tokens: Doorkeeper
  log: Log
  /** ms since the epoch. */
  now: () => number
  /** @default HEAD_MS */
  headMs?: number
  /** @default REQUEST_MS */
  requestMs?: number
  /** @default MAX_CONNECTIONS */
  maxConnections?: number
}

export interface HttpServer {
  /** null: it serves at a unix socket. */
  readonly url: string | null
  /** Takes no more requests, ends the streams, and waits for what is being answered, for at most STOP_MS. */
  close: () => Promise<void>
}

/** Throws BAD_CONFIG (also when the address is in use), BAD_FILE or NOT_PERMITTED. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { settings, log, headMs = HEAD_MS, requestMs = REQUEST_MS, maxConnections = MAX_CONNECTIONS } = options
  const place = placeOf(settings)
  const answers = new Answers(options)
  let own: Own = { hosts: new Set(), origins: new Set() }
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: headMs,
      requestTimeout: requestMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, headMs),
      insecureHTTPParser: false,
      requireHostHeader: true,
      noDelay: true
    },
    (request, response) => {
      void serve(request, response)
    }
  )
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await answers.answer(request, response, guard(request, own))
    } catch (error) {
      await refuse(request, response, error, answers, log)
    }
  }
  server.maxConnections = maxConnections
  server.on('checkContinue', (request, response) => {
    void serve(request, response)
  })
  // what would take the connection over, or ask for it, is cut
  for (const event of ['upgrade', 'connect'] as const) server.on(event, (_request, socket: Duplex) => socket.destroy())
  server.on('clientError', refuseUnread)
  await listen(server, place, settings)
  server.on('error', (error) => log.error({ event: 'http.server-failed', error }, 'the HTTP server failed'))
  const { url, ...names } = namesOf(server, settings.publicUrl)
  own = names
  log.info({ event: 'http.listening', address: url ?? settings.listen }, 'HTTP is served')
  return { url, close: async () => await close(server, answers) }
}

async function listen(server: Server, place: ReturnType<typeof placeOf>, settings: HttpSettings): Promise<void> {
  try {
    await listenAt(server, place)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof LedgermeshError || code === undefined) throw error
    throw new LedgermeshError(
      'BAD_CONFIG',
      `HTTP cannot be served at ${(settings.listen ?? settings.containerListen)!}: ${message}`,
      undefined,
      { cause: error }
    )
  }
}

async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  { writer }: Answers,
  log: Log
): Promise<void> {
  const { status, error, headers } = refusalOf(thrown)
  if (error.code === 'INTERNAL' && !request.destroyed)
    log.error({ event: 'http.request-failed', error: thrown }, 'unexpected error in an HTTP request')
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  // what is left of the request is not read
  const close = request.complete ? {} : { Connection: 'close' }
  await writer.answer(response, status, 'application/json', JSON.stringify(errorBody(error)), { ...headers, ...close })
}

/** What is no request, or none in time. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = JSON.stringify(
    errorBody(
      status === 408
        ? new LedgermeshError('OVERLOADED', 'the request took too long to come')
        : new LedgermeshError('INVALID_REQUEST', status === 431 ? 'the head of the request is too large' : 'no request')
    )
  )
  const head = Object.entries({
    ...SAFE_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    Connection: 'close'
  })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]!}\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
    () => socket.destroy()
  )
}

async function close(server: Server, answers: Answers): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  answers.close()
  server.closeIdleConnections()
  // one that was answering is idle afterwards
  const idle = setInterval(() => {
    server.closeIdleConnections()
  }, STOP_LOOK_MS)
  await Promise.race([closed, delay(STOP_MS, undefined, { ref: false })])
  clearInterval(idle)
  server.closeAllConnections()
  await closed
}
