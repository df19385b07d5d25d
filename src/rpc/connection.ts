/**
 * One client. Requests run side by side, each answer leaves when it is ready (a batch's together, in order).
 * When too much is pending or unread, reading stops: the kernel's buffer then holds the client back.
 */
import type { Socket } from 'node:net'
import { LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import type { Actor } from './actor.js'
import { errorLine } from './lines.js'
import { answerMessage, idOf } from './call.js'
import type { StreamItem } from './json-stream.js'
import { MAX_MESSAGE_BYTES, MAX_MESSAGE_DEPTH, MAX_PENDING, MAX_PENDING_BYTES, MAX_UNSENT_BYTES } from './limits.js'
import { isForOperators } from './for-operators.js'
import { MessageStream } from './message-stream.js'
import { Subscriptions } from './subscriptions.js'

export interface ConnectionOptions {
  socket: Socket
  actor: Actor
  log: Log
  /** The client asked the node to stop. */
  onStop: () => void
  /** Why only operators are answered here; null: everybody is. */
  operatorsOnly: string | null
  incompleteIdleMs: number
  lingerMs: number
}

export class Connection {
  readonly closed: Promise<void>
  /** Everything that was taken before `finish` is answered. */
  readonly drained: Promise<void>
  readonly #onDrained: () => void
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #stream = new MessageStream({ maxBytes: MAX_MESSAGE_BYTES, maxDepth: MAX_MESSAGE_DEPTH })
  readonly #subscriptions: Subscriptions
  /** Messages that were read and not started; at most those of one chunk. */
  #waiting: StreamItem[] = []
  #pending = 0
  #pendingBytes = 0
  /** No more messages will be taken. */
  #ended = false
  #idle: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined

  constructor(options: ConnectionOptions) {
    const { socket, log } = options
    this.#options = options
    this.#socket = socket
    this.#subscriptions = new Subscriptions(
      (line) => this.#send(line),
      () => socket.writable && !socket.writableNeedDrain
    )
    const { promise, resolve } = Promise.withResolvers<void>()
    this.drained = promise
    this.#onDrained = resolve
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.#close()
        resolve()
      })
    )
    socket.on('data', (chunk) => this.#receive(chunk))
    socket.on('end', () => this.#endOfInput())
    socket.on('drain', () => {
      this.#subscriptions.flush()
      this.#pump()
    })
    socket.on('error', (error) => log.debug({ event: 'rpc.client-gone', error }, 'an RPC client disconnected'))
  }

  /** Takes no more messages and answers those that were taken; ends only when told to. */
  finish(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#idle)
    this.#waiting.push(...this.#stream.end())
    this.#subscriptions.close()
    this.#pump()
  }

  /** Ends when the last answers have been read, or after a while. */
  end(): void {
    if (this.#linger !== undefined || this.#socket.destroyed) return
    this.#socket.end()
    this.#linger = setTimeout(() => this.#socket.destroy(), this.#options.lingerMs).unref()
  }

  /** Nothing is under way. */
  get idle(): boolean {
    return this.#pending === 0 && this.#waiting.length === 0
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #endOfInput(): void {
    this.finish()
    void this.drained.then(() => this.end())
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ended) return
    for (const item of this.#stream.push(chunk)) this.#waiting.push(item)
    this.#watchIdle()
    this.#pump()
  }

  /**
   * Whoever waits between messages may wait for ever; whoever stops within one would wait for an answer that cannot
   * come.
   */
  #watchIdle(): void {
    if (!this.#stream.incomplete) {
      clearTimeout(this.#idle)
      this.#idle = undefined
    } else if (this.#idle !== undefined) this.#idle.refresh()
    else {
      this.#idle = setTimeout(() => {
        // A process that was held up runs its timers before it reads what came meanwhile: that comes first.
        const received = this.#socket.bytesRead
        setImmediate(() => {
          if (this.#ended || !this.#stream.incomplete || this.#socket.bytesRead !== received) return
          if (this.#socket.isPaused()) this.#idle?.refresh() // it is we who do not read
          else this.#endOfInput()
        })
      }, this.#options.incompleteIdleMs).unref()
    }
  }

  #pump(): void {
    let started = 0
    while (started < this.#waiting.length && this.#mayStart()) this.#start(this.#waiting[started++]!)
    this.#waiting.splice(0, started)
    if (this.#ended) {
      this.#socket.resume() // what still comes is read and forgotten, so that the close is seen
      if (this.#waiting.length === 0 && this.#pending === 0) this.#onDrained()
    } else if (this.#waiting.length > 0 || !this.#mayStart()) this.#socket.pause()
    else this.#socket.resume()
  }

  #mayStart(): boolean {
    return (
      this.#pending < MAX_PENDING &&
      this.#pendingBytes < MAX_PENDING_BYTES &&
      this.#socket.writableLength < MAX_UNSENT_BYTES
    )
  }

  #start(item: StreamItem): void {
    if (!item.ok) {
      this.#send(errorLine(idOf(item.message), new LedgermeshError(item.code, item.reason, item.details)))
      return
    }
    const { operatorsOnly } = this.#options
    if (operatorsOnly !== null && !isForOperators(item.value)) {
      this.#send(errorLine(null, new LedgermeshError('OVERLOADED', operatorsOnly)))
      setImmediate(() => {
        this.#endOfInput()
      })
      return
    }
    this.#pending++
    this.#pendingBytes += item.bytes
    this.#answer(item.value)
      .catch((error: unknown) => {
        this.#options.log.error({ event: 'rpc.answer-failed', error }, 'an RPC response could not be serialized')
        this.destroy()
      })
      .finally(() => {
        this.#pending--
        this.#pendingBytes -= item.bytes
        this.#pump()
      })
  }

  async #answer(message: unknown): Promise<void> {
    const { actor, log, onStop } = this.#options
    const added: string[] = []
    let stop = false
    const line = await answerMessage(
      message,
      {
        actor,
        stop: () => {
          stop = true
        },
        subscriptions: {
          add: (notice, begin) => {
            if (this.#ended)
              throw new LedgermeshError('CLOSED', 'this connection is ending: keep its writing side open to subscribe')
            const id = this.#subscriptions.add(notice, begin)
            added.push(id)
            return id
          },
          remove: (id) => this.#subscriptions.remove(id)
        }
      },
      log
    )
    if (line !== null) this.#send(line)
    this.#subscriptions.release(added)
    if (stop) onStop()
  }

  #send(line: string): void {
    if (this.#socket.writable) this.#socket.write(this.#stream.frame(line), 'latin1')
  }

  #close(): void {
    this.#ended = true
    clearTimeout(this.#idle)
    clearTimeout(this.#linger)
    this.#waiting = []
    this.#onDrained()
    this.#subscriptions.close()
  }
}
