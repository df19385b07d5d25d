/**
 * Prints what is packed with tabs instead of four spaces: `node scripts/package/with-tabs.js [dist]`. It is the same code,
 * as readable, with the same names, and a fiftieth less to download.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { minifySync } from 'rolldown/utils'

const [dist = 'dist'] = process.argv.slice(2)
const AS_IT_IS = { module: true, compress: false, mangle: false, codegen: { removeWhitespace: false } }

for (const file of globSync('{src,protocols}/**/*.js', { cwd: dist })) {
  const path = join(dist, file)
  const { code, errors } = minifySync(path, readFileSync(path, 'utf8'), AS_IT_IS)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`)
  writeFileSync(path, code)
}
// Type files have no text in which the spaces would count.
for (const file of globSync('{src,protocols}/**/*.d.ts', { cwd: dist })) {
  const path = join(dist, file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(/^(?: {4})+/gm, (indent) => '\t'.repeat(indent.length / 4))
  )
}
