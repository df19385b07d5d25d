/** Runs the built CLI as a child process, against a fake node in a temporary home. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { paths } from '../../src/config/paths.js'
import { startRpcServer, type RpcServer } from '../../src/rpc/index.js'
import { FakeNode } from '../rpc/fake-node.js'
import { silent } from '../rpc/raw-client.js'

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
export const FAKE_DAEMON = fileURLToPath(new URL('./fake-daemon.js', import.meta.url))

/** Columns in which no sentence is broken: tests of layout say how many they want. */
const WIDE = '400'

export interface Run {
  code: number | null
  stdout: string
  stderr: string
}

export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'lm-cli-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  return home
}

/** A node that answers in a home of its own. */
export async function startNode(): Promise<{
  node: FakeNode
  home: string
  server: RpcServer
  stopped: Promise<void>
}> {
  const home = await temporaryHome()
  const node = new FakeNode()
  const { promise, resolve } = Promise.withResolvers<void>()
  const server: RpcServer = await startRpcServer({
    socket: paths(home).socket,
    node,
    log: silent,
    onStop: () => resolve(server.close())
  })
  onTestFinished(() => server.close())
  return { node, home, server, stopped: promise }
}

export function spawnNode(script: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [script, ...args], {
    stdio: 'pipe',
    env: { ...process.env, COLUMNS: WIDE, ...env }
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

export async function finish(child: ChildProcess, input?: string | Uint8Array): Promise<Run> {
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin!.on('error', () => undefined)
  if (input !== undefined) child.stdin!.end(input)
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  return { code, stdout, stderr }
}

/** Runs `ledgermesh --home <home> …`. */
export function cli(home: string, args: string[], input: string | Uint8Array = ''): Promise<Run> {
  return finish(spawnNode(MAIN, ['--home', home, ...args]), input)
}

export async function cliJson(home: string, args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await cli(home, ['--json', ...args])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, unknown>
}
