/** What the package offers: three entry points, and what each of them costs and needs. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { missingTypes, undocumented } from './exported-types.js'

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, { types?: string }> }
const ENTRIES = Object.values(manifest.exports).flatMap(({ types }) => types ?? [])
const run = promisify(execFile)
/** What importing `ledgermesh/client` may add to a program. */
const MAX_CLIENT_BYTES = 10 * 2 ** 20

test('there are three entry points', () => {
  expect(ENTRIES).toEqual(['./dist/src/index.d.ts', './dist/src/client.d.ts', './dist/src/verify.d.ts'])
})

test.each(ENTRIES)('%s exports every type that a public signature uses', (entry) => {
  expect(missingTypes(entry)).toEqual([])
})

test('importing ledgermesh/client costs at most 10 MiB of memory', async () => {
  const rss = 'process.memoryUsage.rss()'
  const script = `const before = ${rss}; await import('ledgermesh/client'); console.log(${rss} - before)`
  const costs = []
  for (let round = 0; round < 3; round++) {
    costs.push(Number((await run(process.execPath, ['--input-type=module', '-e', script])).stdout))
  }
  expect(Math.min(...costs)).toBeGreaterThan(0)
  expect(Math.min(...costs)).toBeLessThan(MAX_CLIENT_BYTES)
})

test.each(ENTRIES)('%s: every export has a doc comment', (entry) => {
  expect(undocumented(entry)).toEqual([])
})
