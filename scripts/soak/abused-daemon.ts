/** A real daemon in a process of its own, whose memory and event loop are watched from outside. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LedgerClient } from '../../src/rpc/client.js'
import { waitedMs } from './waited.js'

const BIN = 'bin/ledgermesh.js'
const LOOK_MS = 500

/** The delay that the daemon tells is one of the last second, told for another one. */
const DELAY_OF_MS = 2_000

/**
 * MiB in all (the database's mapped files too) and of its own (RssAnon), KiB of log, ms of the 99th percentile of the
 * event loop's delay, and at worst when what the daemon waited for a core is taken off.
 */
export interface Seen {
  rssBefore: number
  rssPeak: number
  rssAfter: number
  anonBefore: number
  anonAfter: number
  delayMs: number
  ownDelayMs: number
  logged: number
}

export class AbusedDaemon {
  readonly ledger: string
  readonly addr: string
  readonly client: LedgerClient
  readonly #child: ChildProcess
  readonly #folder: string
  #logged = 0

  private constructor(
    child: ChildProcess,
    folder: string,
    client: LedgerClient,
    { ledger, addr }: { ledger: string; addr: string }
  ) {
    this.#child = child
    this.#folder = folder
    this.client = client
    this.ledger = ledger
    this.addr = addr
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#logged += chunk.length
    })
  }

  static async start(network: string): Promise<AbusedDaemon> {
    const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-abuse-'))
    const home = join(folder, 'home')
    await mkdir(home, { recursive: true, mode: 0o700 })
    await writeFile(
      join(home, 'config.json'),
      JSON.stringify({ network, name: 'abused', listen: ['/ip4/127.0.0.1/tcp/0'], registry: true })
    )
    await writeFile(join(folder, 'bootstrap.json'), JSON.stringify({ [network]: [] }))
    const child = spawn(
      process.execPath,
      [
        BIN,
        '--home',
        home,
        '--json',
        'start',
        '--bootstrap-file',
        join(folder, 'bootstrap.json'),
        '--until-stdin-ends'
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] }
    )
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { ledger, addrs, socket } = JSON.parse(line) as { ledger: string; addrs: string[]; socket: string }
    return new AbusedDaemon(child, folder, await LedgerClient.connect(socket), { ledger, addr: addrs[0]! })
  }

  get peerId(): string {
    return this.addr.split('/').at(-1)!
  }

  async waitedMs(): Promise<number> {
    return await waitedMs(this.#child.pid!)
  }

  async ownMiB(): Promise<number> {
    return await this.#memory('RssAnon')
  }

  /**
   * Watches while `work` runs, and then until its own memory has grown by no more than `growthMiB`, for `settleMs` at
   * most.
   */
  async watch(work: () => Promise<void>, growthMiB: number, settleMs: number): Promise<Seen> {
    const seen: Seen = {
      rssBefore: await this.#memory('VmRSS'),
      rssPeak: 0,
      rssAfter: 0,
      anonBefore: await this.#memory('RssAnon'),
      anonAfter: 0,
      delayMs: 0,
      ownDelayMs: 0,
      logged: 0
    }
    const logged = this.#logged
    let over = false
    const watching = (async () => {
      const looks: { atMs: number; waitedMs: number }[] = []
      while (!over) {
        seen.rssPeak = Math.max(seen.rssPeak, await this.#memory('VmRSS'))
        const delayMs = await this.#delay()
        const now = { atMs: performance.now(), waitedMs: await this.waitedMs() }
        looks.push(now)
        const before = looks.findLast(({ atMs }) => atMs < now.atMs - DELAY_OF_MS - delayMs) ?? looks[0]!
        seen.delayMs = Math.max(seen.delayMs, delayMs)
        seen.ownDelayMs = Math.max(seen.ownDelayMs, delayMs - (now.waitedMs - before.waitedMs))
        await new Promise((resolve) => {
          setTimeout(resolve, LOOK_MS)
        })
      }
    })()
    try {
      await work()
    } finally {
      over = true
      await watching
    }
    const end = performance.now() + settleMs
    do {
      seen.anonAfter = await this.#memory('RssAnon')
      if (seen.anonAfter - seen.anonBefore > growthMiB)
        await new Promise((resolve) => {
          setTimeout(resolve, LOOK_MS)
        })
    } while (seen.anonAfter - seen.anonBefore > growthMiB && performance.now() < end)
    seen.rssAfter = await this.#memory('VmRSS')
    seen.logged = Math.round((this.#logged - logged) / 1024)
    return seen
  }

  async stop(): Promise<void> {
    await this.client.close()
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await gone
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #memory(what: 'VmRSS' | 'RssAnon'): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid!}/status`, 'utf8')
    return Math.round(Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)![1]) / 1024)
  }

  async #delay(): Promise<number> {
    const { checks } = await this.client.call('node.health', {})
    return Number(/is (\d+) ms late/.exec(checks.find(({ check }) => check === 'load')!.detail)![1])
  }
}
