import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** The main job, as a newcomer runs it: exit code 0 only if all roots agree and every reference was resolved. */
test('the demo: three daemons find each other, import at the same time, and end with the same roots', async () => {
  const { stdout } = await run(process.execPath, ['dist/scripts/demo/main.js', '--exit'], {
    timeout: 230_000,
    killSignal: 'SIGKILL',
    maxBuffer: 16 * 1024 * 1024
  })
  // Not a terminal: no colours, no bars, now and then a line, none that is too long to read.
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u001b\r]/)
  expect(stdout.split('\n').length).toBeLessThan(140)
  expect(stdout.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '))).toEqual([])
  expect(stdout).toMatch(/18642 records imported and on all three nodes/)
  expect(stdout).toMatch(/References that could not be resolved: 0\. Lines refused: 0\./)
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
    /References that are verified: all 81149; 35598 of them from one ledger to another\. All roots equal: yes\./
  )
  expect(stdout, 'by a node that holds none of it').toMatch(/^ {2}applications +(included|proved), up to \d+ entries$/m)
  expect(stdout, 'after SIGKILL, from the entries alone').toMatch(/35055 of 35055 are verified again/)
}, 240_000)
