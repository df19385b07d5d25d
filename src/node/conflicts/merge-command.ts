/**
 * A command that merges, as git's merge drivers do: no shell, nothing of our environment, a folder of its own, JSON in
 * and out. It is kept from taking the node down with it; it is no sandbox: it runs as the node's user.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeUtf8, parseText, type Json } from '../../core/canonical.js'
import { LedgermeshError } from '../../core/errors.js'
import { checkIJson } from '../../core/ijson.js'
import type { Clock } from '../../ports.js'

/** ms; then the command and all that it started are killed. */
const MAX_RUN_MS = 5000
/** Bytes of its answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** The answer; null: it says that it cannot. Throws MERGE_FAILED. */
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

/** A script may read itself, and no other file; that much Node can keep it to. */
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
  child.stdin.on('error', () => undefined) // it may end without having read all of it
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
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // all of it has ended
  }
}
