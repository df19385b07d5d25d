import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { LedgerClient } from '../../src/rpc/client.js'

export const BIN = 'bin/ledgermesh.js'

/** What every node of the demo wants before it follows a ledger, of 1000. */
export const MIN_TRUST_MILLI = 500

export interface DemoDaemon {
  name: string
  home: string
  ledger: string
  addr: string
  socket: string
  client: LedgerClient
  stop: () => Promise<void>
  /** SIGKILL. */
  kill: () => Promise<void>
}

/** Starts `ledgermesh start` as a process of its own. It ends when its stdin closes: when this process is gone. */
export async function startDaemon(folder: string, name: string, bootstrapFile: string): Promise<DemoDaemon> {
  const home = join(folder, name)
  await mkdir(home, { recursive: true, mode: 0o700 })
  await writeFile(join(home, 'config.json'), JSON.stringify({ minTrustMilli: MIN_TRUST_MILLI }))
  const args = [
    BIN,
    '--home',
    home,
    '--json',
    'start',
    '--name',
    name,
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--bootstrap-file',
    bootstrapFile,
    '--until-stdin-ends'
  ]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const log = createWriteStream(join(home, 'daemon.log'))
  child.stderr.pipe(log)
  const { ledger, addrs, socket } = await firstLine(child, name, join(home, 'daemon.log'))
  return {
    name,
    home,
    ledger,
    addr: addrs[0]!,
    socket,
    client: await LedgerClient.connect(socket),
    stop: async () => {
      await endOf(child, () => child.stdin.end())
    },
    kill: async () => {
      await endOf(child, () => child.kill('SIGKILL'))
    }
  }
}

async function endOf(child: ChildProcess, end: () => void): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  end()
  if (child.exitCode === null && child.signalCode === null) await ended
}

interface Started {
  ledger: string
  addrs: string[]
  socket: string
}

/** With --json, `start` prints one line when the socket serves. */
async function firstLine(child: ChildProcess, name: string, logFile: string): Promise<Started> {
  const lines = createInterface({ input: child.stdout! })
  const { promise, resolve, reject } = Promise.withResolvers<Started>()
  lines.once('line', (line) => {
    try {
      resolve(JSON.parse(line) as Started)
    } catch (error) {
      reject(new Error(`the daemon of ${name} said: ${line}`, { cause: error }))
    }
  })
  child.once('exit', (code) => {
    reject(new Error(`the daemon of ${name} ended with ${String(code)}; see ${logFile}`))
  })
  return await promise
}
