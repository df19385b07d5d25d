/**
 * A disk of a few MiB for a real daemon: a tmpfs in a mount namespace made here. The socket is reached through /proc.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { LedgerClient } from '../../src/rpc/client.js'
import { ended, holdNamespaces, inside } from './lan.js'

const run = promisify(execFile)
const BIN = resolve('bin/ledgermesh.js')

/** Null: disks can be made here; else why not. */
export async function diskProblem(): Promise<string | null> {
  try {
    await (await SmallDisk.make(4)).end()
    return null
  } catch (error) {
    return (error as Error).message.trim()
  }
}

export class SmallDisk {
  readonly #holder: ChildProcess
  readonly #folder: string
  #daemon: ChildProcess | null = null
  #socket = ''
  #log = ''

  private constructor(holder: ChildProcess, folder: string) {
    this.#holder = holder
    this.#folder = folder
  }

  static async make(mib: number): Promise<SmallDisk> {
    const holder = await holdNamespaces('unshare', ['--user', '--map-root-user', '--mount', '--'])
    const disk = new SmallDisk(holder, await mkdtemp(join(tmpdir(), 'ledgermesh-')))
    try {
      await disk.#exec('mount', '-t', 'tmpfs', '-o', `size=${mib}m`, 'none', disk.#folder)
    } catch (error) {
      await disk.end()
      throw error
    }
    return disk
  }

  get home(): string {
    return join(this.#folder, 'h')
  }
  get log(): string {
    return this.#log
  }
  get runs(): boolean {
    return this.#daemon?.exitCode === null && this.#daemon.signalCode === null
  }

  /** Returns the ledger. */
  async start(bootstrap: string[] = []): Promise<string> {
    const [enter, options] = inside(this.#holder.pid!, ['--mount'])
    const child = (this.#daemon = spawn(
      enter,
      [
        ...options,
        process.execPath,
        BIN,
        '--home',
        this.home,
        '--json',
        'start',
        '--name',
        'small',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        ...(bootstrap.length > 0 ? ['--bootstrap', ...bootstrap] : []),
        '--until-stdin-ends'
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] }
    ))
    child.stdin!.on('error', () => undefined)
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      this.#log += chunk
    })
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>,
      once(child, 'exit').then(() => {
        throw new Error(`the daemon ended: ${this.#log.slice(-2000)}`)
      })
    ])
    const { ledger, socket } = JSON.parse(line) as { ledger: string; socket: string }
    this.#socket = `/proc/${child.pid}/root${socket}`
    return ledger
  }

  async connect(): Promise<LedgerClient> {
    return await LedgerClient.connect(this.#socket)
  }

  async resize(mib: number): Promise<void> {
    await this.#exec('mount', '-o', `remount,size=${mib}m`, this.#folder)
  }

  /** Stops the daemon in order. */
  async stop(): Promise<void> {
    if (this.#daemon !== null) await ended(this.#daemon, 'SIGTERM')
  }

  /** Throws when it finds damage. */
  async fsck(): Promise<string> {
    return await this.#exec(process.execPath, BIN, '--home', this.home, 'fsck')
  }

  async end(): Promise<void> {
    if (this.#daemon !== null) await ended(this.#daemon)
    await ended(this.#holder)
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #exec(command: string, ...args: string[]): Promise<string> {
    const [enter, options] = inside(this.#holder.pid!, ['--mount'])
    return (await run(enter, [...options, command, ...args])).stdout
  }
}
