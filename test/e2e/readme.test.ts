/** The README's shell blocks are run as they stand: a document that cannot rot. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const run = promisify(execFile)

interface Section { title: string, blocks: string[] }

/** The shell blocks under each heading: one session each. */
function sections (markdown: string): Section[] {
  const found: Section[] = []
  for (const part of markdown.split(/^#+ /m)) {
    const title = part.slice(0, part.indexOf('\n'))
    const blocks = [...part.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
    if (blocks.length > 0) found.push({ title, blocks })
  }
  return found
}

const readme = readFileSync('README.md', 'utf8')
const isEntrance = (block: string): boolean => block.startsWith('npm ci')
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

test('the entrance commands are npm scripts of this project', () => {
  const entrances = sections(readme).flatMap(({ blocks }) => blocks.filter(isEntrance)).map((block) => block.trim())
  expect(entrances).toEqual(['npm ci && npm run demo', 'npm ci && npm start', 'npm ci && npm test'])
  expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['demo', 'start', 'test', 'bench']))
})

const sessions = sections(readme).map(({ title, blocks }) => ({ title, blocks: blocks.filter((block) => !isEntrance(block)) })).filter(({ blocks }) => blocks.length > 0)

test('there are sessions to run', () => {
  expect(sessions.map(({ title }) => title)).toEqual(['A first session', 'Finding others, and whom to trust', 'Proof, backup and repair', 'The socket'])
})

test.each(sessions)('README: $title', async ({ blocks }) => {
  const folder = await temporaryFolder()
  const script = blocks.join('\n')
  const env = { ...process.env, TMPDIR: folder, PATH: [join(process.cwd(), 'node_modules', '.bin'), process.env.PATH].join(delimiter) }
  const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], { env, timeout: 110_000, killSignal: 'SIGKILL' })
  expect(stdout).not.toMatch(/error/i)
  expect(stdout.length).toBeGreaterThan(100)
}, 120_000)
