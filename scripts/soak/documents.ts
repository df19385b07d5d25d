/**
 * The marked shell blocks of README and docs (`sh entrance`, `sh long`) in a fresh clone, in their order: `node
 * dist/scripts/soak/documents.js`; `--only <text>` takes those that contain it. A block that serves is stopped once it
 * says so. Ends with 1 when a block fails. What is not committed is not tested. All of them take about two hours and 3
 * GB of memory on two cores.
 */
import { execFileSync, spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { markedBlocks } from '../../test/helpers/readme-sections.js'

/** What `npm start` and the demo say when they have arrived, and go on until they are stopped. */
const SERVES = /Ctrl-C stops|Try in another terminal/
/** An interrupt, as a shell and npm report it. */
const INTERRUPTED = [0, 130, 'SIGINT']

const {
  values: { only }
} = parseArgs({ options: { only: { type: 'string', default: '' } } })
const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-documents-'))
const clone = join(folder, 'clone')
try {
  execFileSync('git', ['clone', '--quiet', process.cwd(), clone])
  execFileSync('npm', ['ci'], { cwd: clone, stdio: 'ignore' })
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: clone }).toSorted()]
  const blocks = pages.flatMap((page) =>
    markedBlocks(readFileSync(join(clone, page), 'utf8')).map(({ block }) => ({ page, block }))
  )
  const chosen = blocks.filter(({ block }) => block.includes(only))
  if (chosen.length === 0) throw new Error(`no marked block contains "${only}"`)
  const failed: string[] = []
  for (const { page, block } of chosen) {
    const started = performance.now()
    const { end, served } = await runBlock(block)
    const ok = served ? INTERRUPTED.includes(end) : end === 0
    console.log(
      `${ok ? 'ok' : 'FAILED'}  ${page}: ${block.replaceAll('\n', ' && ')}  (${Math.round((performance.now() - started) / 1000)} s, ended with ${end})`
    )
    if (!ok) failed.push(block)
  }
  console.log(`${chosen.length - failed.length} of ${chosen.length} blocks ran`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function runBlock(block: string): Promise<{ end: number | NodeJS.Signals; served: boolean }> {
  const env = { ...process.env, TMPDIR: folder, LEDGERMESH_HOME: join(folder, 'home') }
  const child = spawn('bash', ['-euo', 'pipefail', '-c', block], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let served = false
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    said = (said + text).slice(-10_000)
    if (served || !SERVES.test(said)) return
    served = true
    process.kill(-child.pid!, 'SIGINT') // the group, as a terminal does it
  })
  const ended = Promise.withResolvers<number | NodeJS.Signals>()
  child.once('error', ended.reject).once('close', (code, signal) => {
    ended.resolve(code ?? signal!)
  })
  return { end: await ended.promise, served }
}
