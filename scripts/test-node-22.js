/**
 * The whole suite on the oldest Node that `engines` names, folder by folder: `npm run test:node22`, or with folders as
 * arguments. What is built already is tested. The other Node stays first on PATH for nothing: tests start
 * `process.execPath`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const bin = resolve('test/package/node-22/node_modules/node/bin')
if (!existsSync(join(bin, 'node'))) {
  console.error('Node 22 is not here: `npm ci` brings it, as a development dependency')
  process.exit(1)
}
const hasTests = (folder) =>
  readdirSync(join('dist/test', folder), { recursive: true }).some((name) => name.endsWith('.test.js'))
const folders =
  process.argv.length > 2
    ? process.argv.slice(2)
    : readdirSync('dist/test', { withFileTypes: true })
        .filter((one) => one.isDirectory() && hasTests(one.name))
        .map(({ name }) => name)
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` }
const failed = folders.filter((folder) => {
  console.log(`\n== Node 22: ${folder}`)
  const { status } = spawnSync(
    join(bin, 'node'),
    ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1', `dist/test/${folder}/`],
    { env, stdio: 'inherit' }
  )
  return status !== 0
})
console.log(
  failed.length === 0 ? `\nNode 22: all of ${folders.join(', ')} passed` : `\nNode 22: FAILED in ${failed.join(', ')}`
)
process.exitCode = failed.length === 0 ? 0 : 1
