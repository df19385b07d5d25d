/**
 * A command that merges, like git's merge drivers: no shell, no environment of the node, its own folder, JSON in and
 * out. It cannot take the node down, but it is not sandboxed: it runs as the node's user.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeUtf8, parseText, type Json } from '../../core/canonical.js'
import { LedgermeshError } from '../../core/errors.js'
import { checkIJson } from '../../core/ijson.js'
import type { Clock } from '../../ports.js'

/** Time limit in ms; then the command and all its child processes are killed. */
const MAX_RUN_MS = 5000
/** Bytes of its answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** The merged payload; null: the command cannot merge. Throws MERGE_FAILED. */
export async function runMergeCommand(command: readonly string[], input: string, clock: Clock): Promise<Json> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-merge-'))
  try {
    const answer = await run(argvOf(command), folder, input, clock)
    const text = decodeUtf8(answer)
    const value = parseText(text)
    checkIJson(text, value)
    return value
  } catch (error) {
    throw new LedgermeshError(
      'MERGE_FAILED',
      `the merge command gave no merged payload: ${(error as Error).message}`,
      undefined,
      { cause: error }
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A script may read itself and no other file; Node can enforce that much. */
function argvOf([path, ...args]: readonly string[]): [string, ...string[]] {
  return path!.endsWith('.js')
    ? [process.execPath, '--permission', `--allow-fs-read=${path!}`, path!, ...args]
    : [path!, ...args]
}

async function run([path, ...args]: [string, ...string[]], cwd: string, input: string, clock: Clock): Promise<Buffer> {
  // a process group of its own, so that what it starts ends with it
  const child = spawn(path, args, { cwd, env: {}, shell: false, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const parts: Buffer[] = []
  let bytes = 0
  child.on('error', reject)
  child.stdin.on('error', () => undefined) // the command may end before it has read all input
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > MAX_ANSWER_BYTES) reject(new Error(`more than ${MAX_ANSWER_BYTES} bytes`))
    else parts.push(part)
  })
  child.on('close', (code, signal) => {
    if (code === 0) resolve(Buffer.concat(parts))
    else reject(new Error(code === null ? `ended by ${signal ?? 'a signal'}` : `exit code ${code}`))
  })
  const cancel = clock.after(MAX_RUN_MS, () => {
    reject(new Error(`no answer within ${MAX_RUN_MS} ms`))
  })
  child.stdin.end(input)
  try {
    return await promise
  } finally {
    cancel()
    killGroup(child.pid)
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // all its processes have ended
  }
}
