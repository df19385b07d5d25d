/**
 * Does a simulated network notice a broken rule? `node dist/scripts/soak/mutations.js [--part "head check"]`: breaks
 * one rule of the built code after the other, in a copy, and plays the seed that caught it when it was put on the list
 * (test/sim/mutations/list.ts). Ends with 1 if one survives.
 */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { broken, MUTATIONS, type Mutation } from '../../test/sim/mutations/list.js'
import { CAUGHT } from '../../test/sim/mutations/probes.js'

/** The project's folder. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
/** Real, ms: a network that never comes to rest was not caught by what it promises. */
const PATIENCE_MS = 180_000

interface Result {
  caught: boolean
  words: string
}

async function playBroken(copy: string, mutation: Mutation): Promise<Result> {
  const file = join(copy, 'dist', mutation.file)
  const text = await readFile(file, 'utf8')
  await writeFile(file, broken(text, mutation))
  try {
    return await play(copy, mutation)
  } finally {
    await writeFile(file, text)
  }
}

async function play(copy: string, { probe, seed }: Mutation): Promise<Result> {
  const child = spawn(process.execPath, [join(copy, 'dist/test/sim/mutations/play.js'), probe, String(seed)], {
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
  // Whatever else it ends with (a signal: it went on for ever), it was not caught.
  return { caught: code === CAUGHT, words: words.trim().slice(0, 160) }
}

const {
  values: { part }
} = parseArgs({ options: { part: { type: 'string' } } })
const copy = await mkdtemp(join(tmpdir(), 'ledgermesh-mutations-'))
try {
  for (const folder of ['src', 'protocols', 'test'])
    await cp(join(ROOT, 'dist', folder), join(copy, 'dist', folder), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(copy, 'package.json'))
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const chosen = MUTATIONS.filter((one) => part === undefined || one.part === part)
  let survived = 0
  for (const mutation of chosen) {
    const { caught, words } = await playBroken(copy, mutation)
    if (!caught) survived++
    console.log(
      `${caught ? 'caught' : 'SURVIVED'}: ${mutation.part}: ${mutation.rule} (${mutation.probe}, seed ${mutation.seed})${words === '' ? '' : `: ${words}`}`
    )
  }
  console.log(`mutations: ${chosen.length}, survived: ${survived}`)
  if (survived > 0) process.exitCode = 1
} finally {
  await rm(copy, { recursive: true, force: true })
}
