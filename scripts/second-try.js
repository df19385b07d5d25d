/**
 * After an `npm test` that failed: what failed runs once more, alone, when it is few files of real nodes and processes
 * (a machine that others use may starve them). Everything else has failed for good. A pass here is printed, and is a
 * fault to be found: of the product or of the test.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { FAILED_FILES } from './count-reporter.js'

/** Where tests wait for other processes, sockets and connections. All other tests are sums: they pass or they fail. */
const WAITS_FOR_OTHERS = /^dist\/test\/(cli|e2e|network|node)\//
/** Files. What breaks more than these is no accident. */
const MAX_FILES = 2

const failed = existsSync(FAILED_FILES) ? JSON.parse(readFileSync(FAILED_FILES, 'utf8')) : []
const isAccident =
  failed.length > 0 && failed.length <= MAX_FILES && failed.every((file) => WAITS_FOR_OTHERS.test(file))
if (!isAccident) {
  console.log(`no second try: ${failed.length === 0 ? 'no test file is the cause' : failed.join(', ')}`)
  process.exit(1)
}
console.log(`\nsecond try, alone: ${failed.join(', ')}`)
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1', ...failed], {
  stdio: 'inherit'
})
console.log(`second try of ${failed.join(', ')}: ${status === 0 ? 'passed, a fault to be found' : 'failed again'}`)
process.exitCode = status === 0 ? 0 : 1
