/** A real daemon on a host of a Lan. Its socket is reached through the file system. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { paths } from '../../src/config/paths.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import type { LedgerSyncStatus } from '../../src/node/api/node.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { ended, type LanHost } from './lan.js'

const BIN = 'bin/ledgermesh.js'
const MOVED_CLOCK = fileURLToPath(new URL('moved-clock.js', import.meta.url))
export const PORT = 7440

export interface NodeOptions {
  bootstrap?: string[]
  config?: Record<string, unknown>
}

export class LanNode {
  readonly home: string
  readonly host: LanHost
  #child: ChildProcess | null = null
  #client: LedgerClient | null = null
  #started: { ledger: string; peerId: string } | null = null

  private constructor(host: LanHost, home: string) {
    this.host = host
    this.home = home
  }

  /** With a home and keys of its own. */
  static async start(host: LanHost, folder: string, options: NodeOptions = {}): Promise<LanNode> {
    const node = new LanNode(host, join(folder, host.name))
    await mkdir(node.home, { mode: 0o700, recursive: true })
    // an office: the others' addresses are private, and each listens on all of its own (R7)
    await writeFile(
      join(node.home, 'config.json'),
      JSON.stringify({ logLevel: 'debug', publicNetwork: false, ...options.config })
    )
    await writeFile(node.#bootstrapFile, JSON.stringify({ main: options.bootstrap ?? [] }))
    await writeFile(node.#clockFile, '0')
    await node.restart()
    return node
  }

  get ledger(): string {
    return this.#started!.ledger
  }
  get peerId(): string {
    return this.#started!.peerId
  }
  get client(): LedgerClient {
    return this.#client!
  }
  /** As it is now. */
  get addr(): string {
    return this.addrAt(this.host.ip)
  }

  addrAt(ip: string, port = PORT): string {
    return `/ip4/${ip}/tcp/${port}/p2p/${this.#started!.peerId}`
  }

  async restart(): Promise<void> {
    const child = (this.#child = this.host.spawn(
      [
        process.execPath,
        '--import',
        MOVED_CLOCK,
        BIN,
        '--home',
        this.home,
        '--json',
        'start',
        '--name',
        this.host.name,
        '--listen',
        `/ip4/0.0.0.0/tcp/${PORT}`,
        '--bootstrap-file',
        this.#bootstrapFile,
        '--until-stdin-ends'
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, CLOCK_SHIFT_FILE: this.#clockFile } }
    ))
    child.stdin!.on('error', () => undefined)
    child.stderr!.pipe(createWriteStream(this.#logFile, { flags: 'a' }))
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>,
      once(child, 'exit').then(async ([code]) => {
        throw new Error(`the daemon ended with ${String(code)}: ${(await this.log()).slice(-2000)}`)
      })
    ])
    const started = JSON.parse(line) as { ledger: string; peerId: string; socket: string }
    this.#started = started
    this.#client = await LedgerClient.connect(started.socket)
  }

  async append(count: number, { bytes = 100 } = {}): Promise<void> {
    for (let left = count; left > 0; left -= 500) {
      await this.client.call('ledger.appendBatch', {
        entries: Array.from({ length: Math.min(left, 500) }, () => ({
          stream: 'records',
          type: 'record',
          payload: { text: 'x'.repeat(bytes) }
        }))
      })
    }
  }

  async statusOf(ledger: string): Promise<LedgerSyncStatus> {
    return (await this.client.call('sync.status', { ledger })).ledgers[0]!
  }

  /** Waits until more of the ledger is held than that, and says how much. */
  async growsBeyond(ledger: string, before: number, withinMs = 60_000): Promise<number> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const status = await this.statusOf(ledger)
      if (status.size > before) return status.size
      if (performance.now() > deadline)
        throw new Error(`${this.host.name} holds no more than before: ${JSON.stringify(status)}`)
      await delay(5)
    }
  }

  /** Of a node that does not run. */
  async checkFsck(): Promise<void> {
    const { db, signer } = paths(this.home)
    const { found, clean } = await runFsck(db, { log: silentLog, markFile: signer, rebuild: false })
    if (!clean) throw new Error(`fsck of ${this.host.name}: ${JSON.stringify(found.damage.slice(0, 5))}`)
  }

  /** From the true time, in ms. */
  async moveClock(shiftMs: number): Promise<void> {
    await writeFile(this.#clockFile, String(shiftMs))
    this.#child!.kill('SIGUSR2')
  }

  /** The process does nothing until `wake`. */
  sleep(): void {
    this.#child!.kill('SIGSTOP')
  }
  wake(): void {
    this.#child!.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#child !== null) await ended(this.#child)
  }

  async log(): Promise<string> {
    return await readFile(this.#logFile, 'utf8')
  }

  get #bootstrapFile(): string {
    return `${this.home}.bootstrap.json`
  }
  get #clockFile(): string {
    return `${this.home}.clock`
  }
  get #logFile(): string {
    return `${this.home}.log`
  }
}
