/** Real daemons for tests: `bin/ledgermesh.js start` as a process, and its client. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { LedgerClient } from '../../src/rpc/client.js'

export const BIN = 'bin/ledgermesh.js'

export interface TestDaemon {
  home: string
  ledger: string
  addr: string
  socket: string
  client: LedgerClient
  process: ChildProcess
  /** SIGKILL, and wait until it is gone. */
  kill: () => Promise<void>
  stop: () => Promise<void>
}

export async function startDaemon(
  home: string,
  { name = 'test', bootstrap = [] as string[] } = {}
): Promise<TestDaemon> {
  const bootstrapFile = join(home, '..', `bootstrap-${name}.json`)
  await writeFile(bootstrapFile, JSON.stringify({ main: bootstrap }))
  const child = spawn(
    process.execPath,
    [
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
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] }
  )
  onTestFinished(async () => {
    await end(child, 'SIGKILL')
  })
  let problems = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problems += chunk
  })
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>,
    once(child, 'exit').then(([code]) => {
      throw new Error(`the daemon ended with ${String(code)}: ${problems}`)
    })
  ])
  const { ledger, addrs, socket } = JSON.parse(line) as { ledger: string; addrs: string[]; socket: string }
  const client = await LedgerClient.connect(socket)
  return {
    home,
    ledger,
    addr: addrs[0]!,
    socket,
    client,
    process: child,
    kill: () => end(child, 'SIGKILL'),
    stop: async () => {
      await client.close()
      await end(child, 'SIGTERM')
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
