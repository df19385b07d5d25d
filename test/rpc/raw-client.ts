/** A client that sends exactly the bytes it is told, and a server for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../../src/ports.js'
import { startRpcServer, type RpcServer, type RpcServerOptions } from '../../src/rpc/index.js'
import { FakeNode } from './fake-node.js'

export interface Answer {
  jsonrpc: '2.0'
  id: string | number | null
  result?: Record<string, unknown>
  error?: {
    code: number
    message: string
    data: { kind: string; retryable: boolean; next: string; details?: Record<string, unknown> }
  }
  method?: string
  params?: { subscription: string; result: Record<string, unknown> }
}

export class RawClient {
  readonly socket: Socket
  readonly #lines: string[] = []
  /** What came after the last LF, in pieces: an answer of 64 MiB comes in a thousand. */
  #tail: string[] = []
  #ended = false
  #wake: () => void = () => undefined

  static async connect(path: string): Promise<RawClient> {
    const socket = createConnection({ path, allowHalfOpen: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new RawClient(socket)
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      const [first, ...others] = text.split('\n')
      this.#tail.push(first!)
      for (const other of others) {
        this.#lines.push(this.#tail.join(''))
        this.#tail = [other]
      }
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    socket.on('end', end)
    socket.on('close', end)
    socket.on('error', end)
  }

  send(data: string | Uint8Array | object): this {
    this.socket.write(typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data))
    return this
  }

  /** FIN: this client sends no more. */
  fin(): this {
    this.socket.end()
    return this
  }

  /** The next line without its LF; null: the server ended. */
  async line(): Promise<string | null> {
    for (;;) {
      const line = this.#lines.shift()
      if (line !== undefined) return line
      if (this.#ended) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async answer(): Promise<Answer> {
    const line = await this.line()
    if (line === null) throw new Error('the server ended without an answer')
    return JSON.parse(line) as Answer
  }

  async answers(): Promise<Answer[]> {
    return (await this.answer()) as unknown as Answer[]
  }

  /** Everything until the server ends. */
  async rest(): Promise<string> {
    while (!this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return [...this.#lines.splice(0), this.#tail.join('')].join('\n')
  }
}

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined
}

export interface Rig {
  node: FakeNode
  server: RpcServer
  path: string
  stops: number
  connect: () => Promise<RawClient>
  close: () => Promise<void>
}

export async function startRig(options: Partial<RpcServerOptions> = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'lm-rpc-'))
  const path = join(folder, 'rpc', 'node.sock')
  const node = new FakeNode()
  const clients: RawClient[] = []
  const rig: Rig = {
    node,
    path,
    stops: 0,
    server: await startRpcServer({
      socket: path,
      node,
      log: silent,
      onStop: () => {
        rig.stops++
      },
      ...options
    }),
    connect: async () => {
      const client = await RawClient.connect(path)
      clients.push(client)
      return client
    },
    close: async () => {
      for (const { socket } of clients) socket.destroy()
      await rig.server.close()
      await rm(folder, { recursive: true })
    }
  }
  return rig
}
