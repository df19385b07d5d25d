/**
 * What a stranger does with the package, from the tarball alone. Where it cannot be installed without a network the
 * tests are left out and say why.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sections } from '../helpers/readme-sections.js'
import { deadLinks } from './dead-links.js'
import { install, NODES, type Installed } from './installed.js'

const run = promisify(execFile)
const MAX_TARBALL_BYTES = 2 ** 20
const SETUP_TIMEOUT_MS = 180_000
const SESSION_TIMEOUT_MS = 110_000

const SHIPPED = [
  'LICENSE-MIT',
  'LICENSE-APACHE',
  'README.md',
  'REFERENCE.md',
  'docs/FORMATS.md',
  'examples/checker/check.py',
  'bootstrap-nodes.json',
  'bin/ledgermesh.js',
  'dist/src/verify.d.ts',
  'verify.html',
  'verify.html.sha256',
  'dist/protocols/hello/index.js'
]
const KEPT = ['src', 'test', 'scripts', 'web', 'dist/src/page', 'dist/test', 'dist/scripts', 'dist/src/index.js.map']

let folder: string
let installed: Installed | string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lm-')) // short: sockets lie below it
  installed = await install(folder)
  if (typeof installed === 'string') console.warn(`the package is not tried: ${installed}`)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('the tarball has at most 1 MiB, and no source, test or tool of ours', (context) => {
  if (typeof installed === 'string') return context.skip(installed)
  expect(installed.bytes).toBeLessThan(MAX_TARBALL_BYTES)
  const home = join(installed.folder, 'node_modules', 'ledgermesh')
  expect(SHIPPED.filter((path) => !existsSync(join(home, path)))).toEqual([])
  expect(KEPT.filter((path) => existsSync(join(home, path)))).toEqual([])
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    private?: boolean
    license: string
  }
  expect([manifest.private, manifest.license]).toEqual([undefined, 'MIT OR Apache-2.0'])
})

test('no link in what is shipped leads nowhere', (context) => {
  if (typeof installed === 'string') return context.skip(installed)
  const home = join(installed.folder, 'node_modules', 'ledgermesh')
  const pages = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !path.split('/').includes('node_modules')
  )
  expect(pages).toEqual(
    expect.arrayContaining([
      'README.md',
      'REFERENCE.md',
      'SECURITY.md',
      'CHANGELOG.md',
      'docs/FORMATS.md',
      'protocols/hello/SPEC.md'
    ])
  )
  expect(pages.flatMap((page) => deadLinks(join(home, page)).map((link) => `${page}: ${link}`))).toEqual([])
})

test.each(Object.keys(NODES))(
  "%s: the README's first session, with an empty home",
  async (name) => {
    const bin = NODES[name]!
    if (typeof installed === 'string' || bin === null) {
      console.warn(`${name} is not tried: ${typeof installed === 'string' ? installed : '`npm ci` did not install it'}`)
      return
    }
    const home = await mkdtemp(join(folder, 'h'))
    const readme = readFileSync(join(installed.folder, 'node_modules', 'ledgermesh', 'README.md'), 'utf8')
    const { blocks } = sections(readme).find(({ title }) => title === 'A first session')!
    // `npx` finds the program in this folder, as it does for those who install it; here without its own start, which
    // takes most of the time
    const script = ['npx () { "./node_modules/.bin/$@"; }', 'node --version', ...blocks].join('\n')
    // What one command has compiled the next one loads: there are dozens of them.
    const env = {
      HOME: home,
      TMPDIR: home,
      PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
      NODE_COMPILE_CACHE: join(folder, 'compiled')
    }
    const options = { cwd: installed.folder, env, timeout: SESSION_TIMEOUT_MS, killSignal: 'SIGKILL' } as const
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], options)
    expect(stdout).toMatch(new RegExp(`^v${name.split(' ')[1]!}\\.`))
    expect(stdout).toContain('diploma-1')
    expect(stdout).toMatch(/^verdict +valid/m)
    expect(stdout).toMatch(/Stopped\.\nStopped\.\n$/)
    expect(stdout).not.toMatch(/error/i)
  },
  SESSION_TIMEOUT_MS + 10_000
)

test(
  "a strict TypeScript program that uses all entry points, and the README's, compile against it",
  async (context) => {
    if (typeof installed === 'string') return context.skip(installed)
    const program = join(installed.folder, 'program')
    await mkdir(program)
    await writeFile(join(program, 'program.ts'), readFileSync('test/package/consumer.ts.txt'))
    const [, shown] = /^```ts\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8'))!
    await writeFile(join(program, 'readme.ts'), shown!)
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      target: 'ES2024',
      module: 'nodenext',
      moduleResolution: 'nodenext',
      declaration: true,
      outDir: 'out',
      types: ['node'],
      typeRoots: [resolve('node_modules/@types')]
    }
    await writeFile(
      join(program, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['program.ts', 'readme.ts'] })
    )
    const compiled = run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', program])
    const said = await compiled.then(
      () => '',
      (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`
    )
    expect(said).toBe('')
    expect(readFileSync(join(program, 'out', 'program.d.ts'), 'utf8')).toContain('library')
  },
  SESSION_TIMEOUT_MS
)
