import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { BIN, type DemoDaemon } from './daemon.js'

/** What `ledgermesh import --progress json` prints while it works. */
export interface ImportProgress {
  total: number
  done: number
  parked: number
}
export interface ImportResult {
  appended: number
  existing: number
  unresolved: number
  failed: number
}

/**
 * Runs `ledgermesh import` against a daemon, as a user would. Seconds without progress before what is left is appended
 * unresolved.
 */
export async function runImport(
  daemon: DemoDaemon,
  file: string,
  waitSeconds: number,
  onProgress: (progress: ImportProgress) => void
): Promise<ImportResult> {
  const args = [
    BIN,
    '--home',
    daemon.home,
    '--json',
    'import',
    file,
    '--wait',
    String(waitSeconds),
    '--progress',
    'json'
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let problems = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    problems += chunk
  })
  let result: ImportResult | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as { progress: ImportProgress } | ImportResult
    if ('progress' in message) onProgress(message.progress)
    else result = message
  }
  if (result === null) throw new Error(`import of ${file} failed: ${problems}`)
  return result
}
