/**
 * Does a simulated network notice a broken rule? `node dist/scripts/soak/mutations.js [--part "head check"] [--tests]`
 * (only those that a test catches): breaks
 * one rule of the built code after the other, in a copy, and plays the seed, or runs the test, that caught it when it was
 * put on the list (test/sim/mutations/list.ts). Ends with 1 if one survives.
 */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { MUTATIONS } from '../../test/sim/mutations/list.js'
import { broken, type Mutation } from '../../test/sim/mutations/mutation.js'
import { CAUGHT } from '../../test/sim/mutations/probes.js'

/** The project's folder. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Real, ms: a network that never comes to rest was not caught by what it promises. */
const PATIENCE_MS = 180_000
/** Characters of what was noticed. */
const WORDS = 160

interface Result {
  caught: boolean
  words: string
}

/** As vitest's JSON reporter has it. */
interface TestResult {
  status: string
  title: string
}

async function playBroken(copy: string, mutation: Mutation): Promise<Result> {
  const file = join(copy, 'dist', mutation.file)
  const text = await readFile(file, 'utf8')
  await writeFile(file, broken(text, mutation))
  try {
    return await ('test' in mutation ? test(copy, mutation.test) : play(copy, mutation.probe, mutation.seed))
  } finally {
    await writeFile(file, text)
  }
}

async function play(copy: string, probe: string, seed: number): Promise<Result> {
  const { code, words } = await run(copy, [join(copy, 'dist/test/sim/mutations/play.js'), probe, String(seed)])
  // Whatever else it ends with (a signal: it went on for ever), it was not caught.
  return { caught: code === CAUGHT, words: words.trim().slice(0, WORDS) }
}

/** Caught: a test of the file failed. That it could not be loaded, or nothing ran, proves nothing. */
async function test(copy: string, file: string): Promise<Result> {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs')
  const report = join(copy, 'report.json')
  const args = [vitest, 'run', '--no-isolate', '--reporter=json', `--outputFile=${report}`, join('dist', file)]
  await run(copy, args)
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: { assertionResults: TestResult[] }[]
  }
  await rm(report)
  const failed = testResults.flatMap((one) => one.assertionResults).filter(({ status }) => status === 'failed')
  return { caught: failed.length > 0, words: (failed[0]?.title ?? '').slice(0, WORDS) }
}

async function run(copy: string, args: string[]): Promise<{ code: number | null; words: string }> {
  const child = spawn(process.execPath, args, {
    cwd: copy,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE_MS
  })
  let words = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    words += part
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('close', resolve).on('error', reject)
  })
  return { code, words }
}

const {
  values: { part, tests }
} = parseArgs({ options: { part: { type: 'string' }, tests: { type: 'boolean', default: false } } })
const copy = await mkdtemp(join(tmpdir(), 'ledgermesh-mutations-'))
try {
  for (const folder of ['src', 'protocols', 'test'])
    await cp(join(ROOT, 'dist', folder), join(copy, 'dist', folder), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(copy, 'package.json'))
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const chosen = MUTATIONS.filter((one) => (part === undefined || one.part === part) && (!tests || 'test' in one))
  let survived = 0
  for (const mutation of chosen) {
    const { caught, words } = await playBroken(copy, mutation)
    if (!caught) survived++
    const by = 'test' in mutation ? mutation.test : `${mutation.probe}, seed ${mutation.seed}`
    console.log(
      `${caught ? 'caught' : 'SURVIVED'}: ${mutation.part}: ${mutation.rule} (${by})${words === '' ? '' : `: ${words}`}`
    )
  }
  console.log(`mutations: ${chosen.length}, survived: ${survived}`)
  if (survived > 0) process.exitCode = 1
} finally {
  await rm(copy, { recursive: true, force: true })
}
