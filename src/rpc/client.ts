/**
 * The client of the socket: for the CLI, and for programs beside a running node.
 *
 *     const client = await LedgerClient.connect(socketPath)
 *     const { entry } = await client.call('ledger.append', { stream: 'orders', type: 'order.created', payload: { total:
 * 12.5 } })
 */
import { createConnection, type Socket } from 'node:net'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/is-object.js'
import { readOptions } from '../core/options.js'
import type { FeedNotice } from '../node/api/feed.js'
import type { NetworkEvent } from '../node/api/node.js'
import { CALL, MAX_ANSWER_DEPTH, MAX_LINE_BYTES, outcomeOf, readable, unwrap, type Outcome } from './client-message.js'
import { JsonStream } from './json-stream.js'
import type { GivenTo, ResultOf } from './method.js'
import type { MethodName, Methods } from './methods/index.js'
import { checkSocketPath } from './socket-path-length.js'
import type { EntriesEvent } from '../node/api/events.js'

/** `overflow`: this reader was too slow and missed some entries; query to catch up. */
export type Notice = EntriesEvent | { overflow: true }
/** `overflow`: this reader was too slow and missed some events; ask for what counts now. */
export type NetworkNotice = NetworkEvent | { overflow: true }

type Settle = (outcome: Outcome<unknown>) => void

/**
 * A connection to a running node. Calls may overlap; each is answered by its own promise.
 *
 * @example
 * const client = await LedgerClient.connect(`${home}/rpc/node.sock`)
 * const { entries } = await client.call('ledger.query', { limit: 10 })
 * client.close()
 */
export class LedgerClient {
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #stream = new JsonStream({ maxBytes: MAX_LINE_BYTES, maxDepth: MAX_ANSWER_DEPTH })
  readonly #waiting = new Map<number, Settle>()
  readonly #listeners = new Map<string, (notice: unknown) => void>()
  #lastId = 0
  #failure: LedgermeshError | undefined

  /**
   * Rejects with NODE_UNREACHABLE when nothing listens there, with NOT_PERMITTED when the socket belongs to another
   * user.
   */
  static async connect(socketPath: string): Promise<LedgerClient> {
    if (typeof socketPath !== 'string') throw new LedgermeshError('INVALID_PARAMS', 'a socket is named by its path')
    checkSocketPath(socketPath)
    const socket = createConnection(socketPath)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', (error: NodeJS.ErrnoException) => {
        void unreachable(socketPath, error).then(reject, reject)
      })
    })
    return new LedgerClient(socket)
  }

  /**
   * Rejects with NO_ANSWER when the node does not say within so many ms that it is there: it may be stopped, hung, or
   * something else.
   */
  async ping(withinMs: number): Promise<void> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      late.reject(new LedgermeshError('NO_ANSWER', `the node has not answered for ${withinMs / 1000} s`))
    }, withinMs)
    try {
      await Promise.race([this.call('rpc.ping', {}), late.promise])
    } catch (error) {
      // One of another version is there as well.
      if (!isCoded(error, 'METHOD_NOT_FOUND')) throw error
    } finally {
      clearTimeout(timer)
    }
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('error', (error) =>
      this.#fail(
        new LedgermeshError('NODE_UNREACHABLE', 'the connection to the node was lost', undefined, { cause: error })
      )
    )
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.#fail(new LedgermeshError('NODE_UNREACHABLE', 'the node closed the connection'))
        resolve()
      })
    )
  }

  /**
   * Rejects with the LedgermeshError that the node answered, or MALFORMED or TOO_LARGE for params that it could not be
   * told. Params that the table calls optional may be absent.
   */
  async call<Name extends MethodName>(method: Name, params: GivenTo<Methods[Name]>): Promise<ResultOf<Methods[Name]>> {
    const given = readable(params)
    const { id, outcome } = this.#expect()
    this.#send({ jsonrpc: '2.0', id, method, params: given })
    return unwrap(await outcome) as ResultOf<Methods[Name]>
  }

  /** One message, at most MAX_BATCH calls; one outcome for each, in order. Only a broken connection rejects. */
  async batch<Name extends MethodName>(
    calls: { method: Name; params: GivenTo<Methods[Name]> }[]
  ): Promise<Outcome<ResultOf<Methods[Name]>>[]> {
    if (calls.length === 0) return []
    const given = calls
      .map((call) => readOptions(call, CALL, 'member'))
      .map(({ method, params }) => ({ method, params: readable(params) }))
    const expected = calls.map(() => this.#expect())
    this.#send(given.map(({ method, params }, index) => ({ jsonrpc: '2.0', id: expected[index]!.id, method, params })))
    const outcomes = await Promise.all(expected.map(({ outcome }) => outcome))
    if (this.#failure !== undefined && outcomes.some(({ error }) => error === this.#failure)) throw this.#failure
    return outcomes as Outcome<ResultOf<Methods[Name]>>[]
  }

  /** Calls back for every notification, in order, until the returned function is called. */
  async subscribe(
    params: GivenTo<Methods['ledger.subscribe']>,
    listener: (notice: Notice) => void
  ): Promise<() => Promise<void>> {
    return await this.#subscribe(
      'ledger.subscribe',
      params,
      'ledger.unsubscribe',
      listener as (notice: unknown) => void
    )
  }

  /**
   * What came after a position of the feed, then what comes, until the returned function is called. Throws FEED_RESET
   * when the consumer has to begin again, with `feed.snapshot`. A listener that is slower than the node should stop
   * reading: call `feed.read` instead.
   */
  async followFeed(
    params: GivenTo<Methods['feed.subscribe']>,
    listener: (notice: FeedNotice) => void
  ): Promise<() => Promise<void>> {
    return await this.#subscribe('feed.subscribe', params, 'feed.unsubscribe', listener as (notice: unknown) => void)
  }

  /** What happens on the network, in order, until the returned function is called. */
  async watchNetwork(
    params: GivenTo<Methods['network.subscribe']>,
    listener: (notice: NetworkNotice) => void
  ): Promise<() => Promise<void>> {
    return await this.#subscribe(
      'network.subscribe',
      params,
      'network.unsubscribe',
      listener as (notice: unknown) => void
    )
  }

  /** Does not wait for answers: what is pending rejects with CLOSED. */
  async close(): Promise<void> {
    this.#fail(new LedgermeshError('CLOSED', 'the client was closed'))
    await this.closed
  }

  async #subscribe(
    method: MethodName,
    params: unknown,
    end: 'ledger.unsubscribe' | 'network.unsubscribe' | 'feed.unsubscribe',
    listener: (notice: unknown) => void
  ): Promise<() => Promise<void>> {
    const { id, outcome } = this.#expect((answered) => {
      // In the same turn as the answer: the first notification may be right behind it.
      if (answered.error === undefined)
        this.#listeners.set((answered.result as { subscription: string }).subscription, listener)
    })
    this.#send({ jsonrpc: '2.0', id, method, params })
    const { subscription } = unwrap(await outcome) as { subscription: string }
    return async () => {
      this.#listeners.delete(subscription)
      await this.call(end, { subscription })
    }
  }

  #expect(first?: Settle): { id: number; outcome: Promise<Outcome<unknown>> } {
    const id = ++this.#lastId
    const { promise, resolve } = Promise.withResolvers<Outcome<unknown>>()
    if (this.#failure !== undefined) resolve({ error: this.#failure })
    else {
      this.#waiting.set(id, (outcome) => {
        first?.(outcome)
        resolve(outcome)
      })
    }
    return { id, outcome: promise }
  }

  #send(message: unknown): void {
    if (this.#failure === undefined) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  #receive(chunk: Uint8Array): void {
    for (const item of this.#stream.push(chunk)) {
      if (!item.ok)
        this.#fail(
          new LedgermeshError(
            'NO_ANSWER',
            `the program at this socket is not a node: it did not answer in JSON: ${item.reason}`
          )
        )
      else for (const message of Array.isArray(item.value) ? item.value : [item.value]) this.#take(message)
    }
  }

  #take(message: unknown): void {
    if (!isObject(message)) return
    if (typeof message.method === 'string' && message.method.endsWith('_subscription') && isObject(message.params)) {
      this.#listeners.get(message.params.subscription as string)?.(message.params.result)
      return
    }
    const outcome = outcomeOf(message)
    const settle = this.#waiting.get(message.id as number)
    if (settle !== undefined) {
      this.#waiting.delete(message.id as number)
      settle(outcome)
      // it answers a message as a whole: overloaded, or not understood
    } else if (outcome.error !== undefined) this.#fail(outcome.error)
  }

  #fail(error: LedgermeshError): void {
    this.#failure ??= error
    for (const settle of this.#waiting.values()) settle({ error: this.#failure })
    this.#waiting.clear()
    this.#socket.destroy()
  }
}

async function unreachable(socketPath: string, error: NodeJS.ErrnoException): Promise<LedgermeshError> {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    // Loaded here alone: a program that imports this client pays more than a MiB for node:fs.
    const { closedToUs } = await import('./closed-to-us.js')
    return new LedgermeshError('NOT_PERMITTED', closedToUs(socketPath), undefined, { cause: error })
  }
  return new LedgermeshError('NODE_UNREACHABLE', `no node answers at ${socketPath}`, undefined, { cause: error })
}
