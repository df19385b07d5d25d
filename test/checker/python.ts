/** The checker in examples/checker, in one Python process for all files. */
import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** null: it can run here; otherwise why not. The project's own tools need no Python. */
export function whyNoChecker(): string | null {
  try {
    execFileSync('python3', ['-c', 'import sys, cryptography; sys.exit(sys.version_info < (3, 9))'], { stdio: 'pipe' })
    return null
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: Buffer }
    if (code === 'ENOENT') return 'there is no python3 on this machine'
    const said = String(stderr).trim().split('\n').at(-1) ?? ''
    return `python3 here is older than 3.9 or has no package "cryptography" (${said})`
  }
}

export interface CheckerVerdict {
  verdict: string
  reason: string
}

/** One verdict for each file, in order. */
export async function runChecker(files: readonly string[]): Promise<CheckerVerdict[]> {
  const python = spawn('python3', ['-B', 'examples/checker/check.py', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
  let errors = ''
  python.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  python.stdin.on('error', () => undefined) // it ended early: its exit code says so
  const ended = new Promise<number | null>((resolve) => {
    python.once('close', resolve)
  })
  python.stdin.end(files.map((file) => `${file}\n`).join(''))
  const verdicts: CheckerVerdict[] = []
  for await (const line of createInterface({ input: python.stdout })) {
    const [verdict, ...reason] = line.split(' ')
    verdicts.push({ verdict: verdict!, reason: reason.join(' ') })
  }
  if ((await ended) !== 0 || verdicts.length !== files.length) {
    throw new Error(`the checker stopped after ${verdicts.length} of ${files.length} files: ${errors}`)
  }
  return verdicts
}
