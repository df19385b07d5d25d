/** What is answered to which request. The guard has let it pass; who calls, and what it may, is asked here. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LedgermeshError } from '../core/errors.js'
import type { Node } from '../node/api/node.js'
import type { Log } from '../ports.js'
import { answerMessage, bounded, callMethod } from '../rpc/call.js'
import type { CallContext } from '../rpc/handler.js'
import { toLine } from '../rpc/lines.js'
import { METHODS, type MethodName } from '../rpc/methods/index.js'
import { Bearers, type Bearer, type Doorkeeper } from './bearers.js'
import { Calls, isHeavy } from './calls.js'
import { EventStreams } from './event-streams.js'
import { onlyOne, type Target } from './guard.js'
import { READY_MS } from './limits.js'
import { Pace } from './pace.js'
import { openApiText } from './open-api.js'
import { paramsOfQuery } from './query-params.js'
import { checkBodyHead, readBody } from './read-body.js'
import { HttpRefusal } from './refusal.js'
import { ROUTES, type Route } from './routes.js'
import { Writer } from './writer.js'

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface AnswersInit {
  node: Node
  tokens: Doorkeeper
  log: Log
  now: () => number
  stallMs?: number | undefined
  heartbeatMs?: number | undefined
  pace?: Pace
}

/** Of one request. */
interface Asked {
  request: IncomingMessage
  response: ServerResponse
  target: Target
}

type Answer = (asked: Asked) => Promise<void>

export class Answers {
  readonly writer: Writer
  readonly #init: AnswersInit
  readonly #bearers: Bearers
  readonly #calls = new Calls()
  readonly #pace: Pace
  readonly #streams: EventStreams
  readonly #stopListening: () => void
  /** By path, then by verb. */
  readonly #table = new Map<string, Map<string, Answer>>()
  #ready: { at: number; healthy: Promise<boolean> } | undefined

  constructor(init: AnswersInit) {
    this.#init = init
    this.#pace = init.pace ?? new Pace()
    this.writer = new Writer({ stallMs: init.stallMs })
    this.#bearers = new Bearers(init)
    this.#streams = new EventStreams({
      writer: this.writer,
      now: init.now,
      heartbeatMs: init.heartbeatMs,
      pace: this.#pace
    })
    this.#stopListening = init.tokens.onRevoked((name) => this.#streams.endOf(name))
    this.#add('GET', '/livez', async ({ response }) => await this.#word(response, true))
    this.#add('GET', '/readyz', async ({ response }) => await this.#word(response, await this.#isReady()))
    this.#add('GET', '/metrics', async (asked) => {
      const { text } = (await this.#call(asked, 'node.metrics', {})) as { text: string }
      await this.writer.answer(asked.response, 200, METRICS_TYPE, text)
    })
    this.#add('GET', '/openapi.json', async (asked) => {
      this.#bearers.of(asked.request).actor.checkAccess('rpc.discover', METHODS['rpc.discover'])
      await this.writer.answer(asked.response, 200, JSON_TYPE, openApiText())
    })
    this.#add('GET', '/feed', async ({ request, response, target }) => {
      await this.#streams.serve(response, this.#bearers.of(request), feedParams(request, target))
    })
    this.#add('POST', '/rpc', async (asked) => await this.#rpc(asked))
    for (const name of Object.keys(METHODS) as MethodName[])
      this.#add('POST', `/rpc/${name}`, async (asked) => await this.#route(asked, { method: name }))
    for (const route of ROUTES) this.#add(route.verb, route.path, async (asked) => await this.#route(asked, route))
  }

  /** Throws HttpRefusal and LedgermeshErrors for what is refused. */
  async answer(request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
    const verbs = this.#table.get(target.path)
    if (verbs === undefined) throw new HttpRefusal(404, 'METHOD_NOT_FOUND', 'there is no such path')
    const answer = verbs.get(request.method ?? '')
    if (answer === undefined)
      throw new HttpRefusal(405, 'INVALID_REQUEST', 'this path has other verbs', {
        Allow: [...verbs.keys()].join(', ')
      })
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers
    if (request.method === 'GET' && (coding !== undefined || (length !== undefined && length !== '0')))
      throw new HttpRefusal(400, 'INVALID_REQUEST', 'a GET has no body')
    await answer({ request, response, target })
  }

  /** The streams end; what is being answered goes on. */
  close(): void {
    this.#stopListening()
    this.#streams.endAll()
  }

  #add(verb: string, path: string, answer: Answer): void {
    const verbs = this.#table.get(path) ?? new Map<string, Answer>()
    verbs.set(verb, answer)
    this.#table.set(path, verbs)
  }

  async #word(response: ServerResponse, good: boolean): Promise<void> {
    await this.writer.answer(response, good ? 200 : 503, TEXT_TYPE, good ? 'ok\n' : 'no\n')
  }

  /** Anybody may ask: it is worked out once for all that ask within a second. */
  async #isReady(): Promise<boolean> {
    const now = this.#init.now()
    if (this.#ready === undefined || now - this.#ready.at >= READY_MS || now < this.#ready.at) {
      const healthy = this.#init.node.health().then(
        (report) => report.healthy,
        () => false
      )
      this.#ready = { at: now, healthy }
    }
    return await this.#ready.healthy
  }

  async #route(asked: Asked, { method, as }: Pick<Route, 'method' | 'as'>): Promise<void> {
    const result = await this.#call(asked, method, null)
    const answer = as === undefined ? result : as.answer(result as never)
    await this.#tell(
      asked.response,
      bounded(() => toLine(answer))
    )
  }

  /** `given` null: what the query or the body says. */
  async #call({ request, response, target }: Asked, method: MethodName, given: object | null): Promise<unknown> {
    const bearer = this.#bearers.of(request)
    bearer.actor.checkAccess(method, METHODS[method])
    const params =
      given ??
      (request.method === 'GET' ? paramsOfQuery(METHODS[method], target.query) : await this.#body(request, response))
    if (typeof params !== 'object' || params === null)
      throw new LedgermeshError('INVALID_PARAMS', 'params are given by name, as an object')
    return await this.#run(
      bearer,
      isHeavy({ method, params }),
      async () => await callMethod(method, params, contextOf(bearer))
    )
  }

  async #rpc({ request, response }: Asked): Promise<void> {
    const bearer = this.#bearers.of(request)
    const message = await this.#body(request, response)
    const line = await this.#run(
      bearer,
      isHeavy(message),
      async () => await answerMessage(message, contextOf(bearer), this.#init.log)
    )
    if (line === null) response.writeHead(204).end()
    else await this.#tell(response, line)
  }

  async #run<Result>({ token }: Bearer, heavy: boolean, work: () => Promise<Result>): Promise<Result> {
    if (this.writer.isFull) throw new LedgermeshError('OVERLOADED', 'too many answers wait for slow readers')
    return await this.#calls.run(token.name, heavy, async () => {
      await this.#pace.turn()
      return await work()
    })
  }

  async #tell(response: ServerResponse, text: string): Promise<void> {
    this.#pace.spent(text.length)
    await this.writer.answer(response, 200, JSON_TYPE, text)
  }

  async #body(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    checkBodyHead(request)
    if (onlyOne(request, 'expect') !== null) response.writeContinue()
    return await readBody(request)
  }
}

/** The header that a browser's own reader sends when it connects again goes before the place where it began. */
function feedParams(request: IncomingMessage, { query }: Target): Record<string, unknown> {
  const params = paramsOfQuery(METHODS['feed.subscribe'], query)
  const last = onlyOne(request, 'last-event-id')
  return last === null || last === '' ? params : { ...params, after: last }
}

function contextOf({ actor }: Bearer): CallContext {
  return {
    actor,
    stop: () => {
      throw new LedgermeshError('NOT_PERMITTED', 'a node is not stopped over HTTP')
    },
    subscriptions: {
      add: () => {
        throw new LedgermeshError('INVALID_REQUEST', 'over HTTP nothing is pushed: GET /feed tells what comes')
      },
      remove: () => false
    }
  }
}
