/**
 * Deletes the type files that no import of the package can reach: `node scripts/package/prune-types.js [dist]`. They are
 * a tenth of what somebody would download, and say nothing to them.
 */
import { globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const [dist = 'dist'] = process.argv.slice(2)
const { exports, imports } = JSON.parse(readFileSync('package.json', 'utf8'))

/** Where a type file names another: `from '…'` and `import('…')`. */
const IMPORT = /(?:from |import\()['"](\.[^'"]+)\.js['"]/g

const reached = new Set()
// `#names` stand for a file each, which a type file may import by that name.
const named = Object.values(imports).flatMap((targets) => Object.values(targets))
const open = [
  ...Object.values(exports).flatMap(({ types = [] }) => types),
  ...named.map((path) => path.replace(/\.js$/, '.d.ts'))
].map((path) => relative('dist', path))
for (let file = open.pop(); file !== undefined; file = open.pop()) {
  if (reached.has(file)) continue
  reached.add(file)
  const text = readFileSync(join(dist, file), 'utf8')
  for (const [, path] of text.matchAll(IMPORT)) open.push(`${join(dirname(file), path)}.d.ts`)
}
for (const file of globSync('{src,protocols}/**/*.d.ts', { cwd: dist }))
  if (!reached.has(file)) rmSync(join(dist, file))
