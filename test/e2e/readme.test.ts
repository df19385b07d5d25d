/** The shell blocks of README and docs are run as they stand: documents that cannot rot. */
import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { markedBlocks, sections } from '../helpers/readme-sections.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const run = promisify(execFile)

const README = 'README.md'
const PAGES = [README, ...globSync('docs/**/*.md').toSorted()]
const texts = new Map(PAGES.map((page) => [page, readFileSync(page, 'utf8')]))
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

const marked = PAGES.flatMap((page) => markedBlocks(texts.get(page)!).map((one) => ({ page, ...one })))
const sessions = PAGES.flatMap((page) => sections(texts.get(page)!).map((one) => ({ page, ...one })))

test('README: at most 200 lines of at most 120 columns', () => {
  const lines = texts.get(README)!.trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(200)
  expect(lines.filter((line) => line.length > 120)).toEqual([])
})

test('every block of commands is run: here, or by the script for those that are marked', () => {
  const fences = PAGES.flatMap(
    (page) => texts.get(page)!.match(/^[ \t]*[`~]{3,}[ \t]*(?:sh|bash|shell|console)\b.*$/gm) ?? []
  )
  expect(fences).toHaveLength(marked.length + sessions.reduce((sum, { blocks }) => sum + blocks.length, 0))
  expect(marked.filter(({ mark }) => mark !== 'entrance' && mark !== 'long')).toEqual([])
  const entrances = marked.filter(({ mark }) => mark === 'entrance').map(({ block }) => block)
  expect(entrances).toEqual(['npm ci && npm run demo', 'npm ci && npm start', 'npm ci && npm test'])
})

test('what the marked blocks call is there', () => {
  const missing = marked.flatMap(({ page, block }) =>
    block
      .split(/\n|&&/)
      .map((line) => line.trim())
      .filter((line) => !isThere(line))
      .map((line) => `${page}: ${line}`)
  )
  expect(missing).toEqual([])
})

function isThere(line: string): boolean {
  const [program, first, second] = line.split(' ')
  if (program === 'node') return existsSync(first!)
  if (program !== 'npm') return false
  return first === 'ci' || Object.hasOwn(manifest.scripts, first === 'run' ? second! : first!)
}

test('there are sessions to run', () => {
  expect(sessions.map(({ page, title }) => `${page}: ${title}`)).toEqual([
    'README.md: A first session',
    'README.md: The socket',
    'docs/CONFLICTS.md: A session',
    'docs/CONFLICTS.md: Two regions',
    'docs/HTTP.md: A session',
    'docs/OPERATIONS.md: Pushing to others',
    'docs/OPERATIONS.md: When, and how much',
    'docs/OPERATIONS.md: A federation that adopts',
    'docs/OPERATIONS.md: Proofs, exports and backups',
    'docs/QUERY.md: A session',
    'docs/REFERENCES.md: A session',
    'docs/TRUST.md: A session'
  ])
})

/** What npx finds in a clone. It looks for half a second each time, and there are fifty commands: one session asks the real one. */
const FOUND = 'npx () { [ "$1" = ledgermesh ] && node bin/ledgermesh.js "${@:2}"; }'
const WITH_NPX = 'The socket'

test.each(sessions)(
  '$page: $title',
  async ({ title, blocks }) => {
    const folder = await temporaryFolder()
    const script = [...(title === WITH_NPX ? [] : [FOUND]), ...blocks].join('\n')
    const env = {
      ...process.env,
      TMPDIR: folder,
      PATH: [join(process.cwd(), 'node_modules', '.bin'), process.env.PATH].join(delimiter)
    }
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], {
      env,
      timeout: 110_000,
      killSignal: 'SIGKILL'
    })
    expect(stdout).not.toMatch(/error/i)
    expect(stdout.length).toBeGreaterThan(100)
  },
  120_000
)
