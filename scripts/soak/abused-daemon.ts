/** A real daemon in a process of its own, whose memory and event loop are watched from outside. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LedgerClient } from '../../src/rpc/client.js'

const BIN = 'bin/ledgermesh.js'
const LOOK_MS = 500

/** MiB, KiB of log, and ms of the 99th percentile of the event loop's delay. */
export interface Seen { rssBefore: number, rssPeak: number, rssAfter: number, delayMs: number, logged: number }

export class AbusedDaemon {
  readonly ledger: string
  readonly addr: string
  readonly client: LedgerClient
  readonly #child: ChildProcess
  readonly #folder: string
  #logged = 0

  private constructor (child: ChildProcess, folder: string, client: LedgerClient, { ledger, addr }: { ledger: string, addr: string }) {
    this.#child = child
    this.#folder = folder
    this.client = client
    this.ledger = ledger
    this.addr = addr
    child.stderr!.on('data', (chunk: Buffer) => { this.#logged += chunk.length })
  }

  static async start (network: string): Promise<AbusedDaemon> {
    const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-abuse-'))
    const home = join(folder, 'home')
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeFile(join(home, 'config.json'), JSON.stringify({ network, name: 'abused', listen: ['/ip4/127.0.0.1/tcp/0'], registry: true }))
    await writeFile(join(folder, 'bootstrap.json'), JSON.stringify({ [network]: [] }))
    const child = spawn(process.execPath, [BIN, '--home', home, '--json', 'start', '--bootstrap-file', join(folder, 'bootstrap.json'), '--until-stdin-ends'], { stdio: ['pipe', 'pipe', 'pipe'] })
    const [line] = await once(createInterface({ input: child.stdout }), 'line') as [string]
    const { ledger, addrs, socket } = JSON.parse(line) as { ledger: string, addrs: string[], socket: string }
    return new AbusedDaemon(child, folder, await LedgerClient.connect(socket), { ledger, addr: addrs[0]! })
  }

  /** Watches while `work` runs. */
  async watch (work: () => Promise<void>): Promise<Seen> {
    const seen: Seen = { rssBefore: await this.#rss(), rssPeak: 0, rssAfter: 0, delayMs: 0, logged: 0 }
    const logged = this.#logged
    let over = false
    const watching = (async () => {
      while (!over) {
        seen.rssPeak = Math.max(seen.rssPeak, await this.#rss())
        seen.delayMs = Math.max(seen.delayMs, await this.#delay())
        await new Promise((resolve) => { setTimeout(resolve, LOOK_MS) })
      }
    })()
    try {
      await work()
    } finally {
      over = true
      await watching
    }
    seen.rssAfter = await this.#rss()
    seen.logged = Math.round((this.#logged - logged) / 1024)
    return seen
  }

  async stop (): Promise<void> {
    await this.client.close()
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await gone
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #rss (): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid!}/status`, 'utf8')
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024)
  }

  async #delay (): Promise<number> {
    const { checks } = await this.client.call('node.health', {})
    return Number(/is (\d+) ms late/.exec(checks.find(({ check }) => check === 'load')!.detail)![1])
  }
}
