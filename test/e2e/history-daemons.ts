/** Daemons of one history, which are killed and started again; for runs in and outside of the tests. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LedgerClient } from '../../src/rpc/client.js'

const BIN = 'bin/ledgermesh.js'

export interface Daemon {
  child: ChildProcess
  ledger: string
  addrs: string[]
  client: LedgerClient
}

export class HistoryDaemons {
  readonly #folder: string
  readonly #children = new Set<ChildProcess>()

  /** `folder`: with `bootstrap.json`, and a home of each name. */
  constructor(folder: string) {
    this.#folder = folder
  }

  async start(name: string): Promise<Daemon> {
    const child = spawn(
      process.execPath,
      [
        BIN,
        '--home',
        join(this.#folder, name),
        '--json',
        'start',
        '--bootstrap-file',
        join(this.#folder, 'bootstrap.json'),
        '--until-stdin-ends'
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] }
    )
    this.#children.add(child)
    let problems = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      problems += chunk
    })
    const [line] = await Promise.race([
      once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
      once(child, 'exit').then(([code]) => {
        throw new Error(`the ${name} ended with ${String(code)}: ${problems}`)
      })
    ])
    const { ledger, addrs, socket } = JSON.parse(line) as { ledger: string; addrs: string[]; socket: string }
    return { child, ledger, addrs, client: await LedgerClient.connect(socket) }
  }

  /** SIGKILL, and wait until it is gone. */
  async kill({ child }: Daemon): Promise<void> {
    await end(child)
  }

  /** All of them, wherever they are in their starts. */
  async end(): Promise<void> {
    for (const child of this.#children) await end(child)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
