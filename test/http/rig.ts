/** An HTTP server of a fake node, and a client that sends exactly the bytes that it is told. */
import { join } from 'node:path'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { TokenInput } from '../../src/node/api/tokens.js'
import { AccessTokens } from '../../src/node/home/access-tokens.js'
import { systemRandom } from '../../src/node/runtime/system.js'
import { Pace } from '../../src/http/pace.js'
import { startHttpServer, type HttpServer, type HttpServerOptions } from '../../src/http/server.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { TestClock, TestLog } from '../ledger/support.js'
import { FakeNode } from '../rpc/fake-node.js'

export interface Answered {
  status: number
  /** Names in lower case. */
  headers: Map<string, string>
  body: string
  text: string
}

export class HttpRig {
  readonly node: FakeNode
  readonly clock = new TestClock()
  readonly log = new TestLog()
  readonly tokens: AccessTokens
  readonly server: HttpServer
  readonly port: number

  constructor(
    server: HttpServer,
    { node, tokens, clock, log }: { node: FakeNode; tokens: AccessTokens; clock: TestClock; log: TestLog }
  ) {
    this.server = server
    this.node = node
    this.tokens = tokens
    this.clock = clock
    this.log = log
    this.port = Number(new URL(server.url!).port)
  }

  get host(): string {
    return `127.0.0.1:${this.port}`
  }

  async token(scopes: TokenInput['scopes'] = ['read'], more: Partial<TokenInput> = {}): Promise<string> {
    const { length } = await this.tokens.list()
    return (await this.tokens.create({ name: `token-${length}`, scopes, ...more })).token
  }

  async open(): Promise<Socket> {
    const socket = connect(this.port, '127.0.0.1')
    socket.on('error', () => socket.destroy())
    onTestFinished(() => {
      socket.destroy()
    })
    await new Promise((resolve) => socket.once('connect', resolve))
    return socket
  }

  /** What comes until the server ends the connection. */
  async raw(bytes: string | Uint8Array): Promise<string> {
    const socket = await this.open()
    socket.write(bytes)
    return await restOf(socket)
  }

  /** One request, whose connection is to end. */
  async ask(line: string, headers: Record<string, string> = {}, body = ''): Promise<Answered> {
    const all = {
      Host: this.host,
      Connection: 'close',
      ...(body !== '' && { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers
    }
    const head = Object.entries(all)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    return parsed(await this.raw(`${line} HTTP/1.1\r\n${head}\r\n${body}`))
  }

  async post(path: string, token: string, body: unknown): Promise<Answered> {
    return await this.ask(`POST ${path}`, { Authorization: `Bearer ${token}` }, JSON.stringify(body))
  }

  async get(path: string, token?: string): Promise<Answered> {
    return await this.ask(`GET ${path}`, token === undefined ? {} : { Authorization: `Bearer ${token}` })
  }
}

export async function startHttp(options: Partial<HttpServerOptions> = {}): Promise<HttpRig> {
  const [clock, log] = [new TestClock(), new TestLog()]
  const path = join(await temporaryFolder(), 'http-tokens.json')
  const tokens = new AccessTokens({ path, clock, random: systemRandom, log })
  await tokens.load()
  const node = new FakeNode()
  const server = await startHttpServer({
    settings: { listen: '127.0.0.1:0' },
    node,
    tokens,
    log,
    now: () => clock.now(),
    // a pace that keeps nobody waiting
    pace: new Pace({ now: () => performance.now() * 1e6, busy: () => 0 }),
    ...options
  })
  onTestFinished(async () => {
    await server.close()
    await tokens.idle()
  })
  return new HttpRig(server, { node: (options.node as FakeNode | undefined) ?? node, tokens, clock, log })
}

export async function restOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.once('end', () => resolve())
  })
  return Buffer.concat(chunks).toString('latin1')
}

export function parsed(text: string): Answered {
  const cut = text.indexOf('\r\n\r\n')
  const [first = '', ...lines] = text.slice(0, cut).split('\r\n')
  return {
    status: Number(first.split(' ')[1]),
    headers: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
    ),
    body: text.slice(cut + 4),
    text
  }
}

/** The code of an error answer. */
export function kindOf({ body }: Answered): string | undefined {
  return (JSON.parse(body) as { error?: { data: { kind: string } } }).error?.data.kind
}
