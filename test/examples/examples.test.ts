/** The examples, and the README's programs, run as they stand. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startDaemon } from '../e2e/daemon.js'
import { noPython } from './no-python.js'

const run = promisify(execFile)
const TIMEOUT_MS = 60_000

async function output(program: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(program, args, {
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
    env: { ...process.env, TMPDIR: await temporaryFolder(), PYTHONDONTWRITEBYTECODE: '1' }
  })
  return stdout.trimEnd().split('\n')
}

test(
  'library/two-ledgers',
  async () => {
    expect(await output(process.execPath, 'examples/library/two-ledgers.mjs')).toEqual([
      expect.stringMatching(/^signed: diploma-1, entry 1 of b[a-z2-7]{52}$/),
      'followed: synced, 2 entries',
      'found: {"title":"Bachelor","year":2026}, valid: true'
    ])
  },
  TIMEOUT_MS
)

test(
  'library/merge-handler',
  async () => {
    expect(await output(process.execPath, 'examples/library/merge-handler.mjs')).toEqual([
      'open: 2 entries',
      'school: {"phones":["1","2"]} by the bank',
      'bank: {"phones":["1","2"]} by the bank'
    ])
  },
  TIMEOUT_MS
)

test(
  'library/backup',
  async () => {
    expect(await output(process.execPath, 'examples/library/backup.mjs')).toEqual([
      'accepted: note-1; rejected: 0, conflicts: 0',
      'note-2 is on the disk of 1 remote; waiting: 0',
      'the backup holds: note-1,note-2'
    ])
  },
  TIMEOUT_MS
)

test(
  'library/trusted-partners',
  async () => {
    expect(await output(process.execPath, 'examples/library/trusted-partners.mjs')).toEqual([
      'nobody trusts anybody: nothing goes to the bank',
      'diploma-1 at the bank: synced',
      'the bank finds it: true, payload: {"year":2026}'
    ])
  },
  TIMEOUT_MS
)

test(
  'library/federation',
  async () => {
    expect(await output(process.execPath, 'examples/library/federation.mjs')).toEqual([
      'adopted: diploma-1,diploma-2; not: taken (ID_TAKEN)',
      'the copy of diploma-1 is verified',
      'erased at the university, and in the federation: erased'
    ])
  },
  TIMEOUT_MS
)

test(
  'plugin/diploma-years',
  async () => {
    expect(await output(process.execPath, 'examples/plugin/diploma-years.mjs')).toEqual([
      expect.stringMatching(/^counting in b[a-z2-7]{52}$/),
      'signed of 2026: 1',
      'refused: a diploma has a year',
      'refused: 1 diplomas of 2026 are signed',
      'stopped'
    ])
  },
  TIMEOUT_MS
)

describe.skipIf(noPython !== null)(`Python${noPython === null ? '' : `, not run: ${noPython}`}`, () => {
  test(
    "python/notes.py signs and lists; the README's program says whose node it is",
    async () => {
      const daemon = await startDaemon(await temporaryFolder())
      expect(await output('python3', 'examples/python/notes.py', daemon.home, 'first')).toEqual(['1 first'])
      expect(await output('python3', 'examples/python/notes.py', daemon.home, 'second')).toEqual([
        '1 first',
        '2 second'
      ])

      const [, program] = /^```python\n(.*?)^```$/ms.exec(readFileSync('README.md', 'utf8'))!
      const { stdout } = await run('python3', ['-c', program!], {
        timeout: TIMEOUT_MS,
        env: { ...process.env, LEDGERMESH_HOME: daemon.home }
      })
      expect(stdout.trim()).toBe(daemon.ledger)
      await daemon.stop()
    },
    TIMEOUT_MS
  )
})
