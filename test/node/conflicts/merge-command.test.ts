import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { runMergeCommand } from '../../../src/node/conflicts/merge-command.js'
import { systemClock } from '../../../src/node/runtime/system.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { TestClock } from '../../ledger/support.js'

async function script(text: string, name = 'merge'): Promise<string> {
  const path = join(await temporaryFolder(), name)
  await writeFile(path, text)
  await chmod(path, 0o755)
  return path
}

test('JSON in, JSON out; no environment, a folder of its own', async () => {
  const path = await script(
    '#!/bin/sh\nread input\nprintf \'{"in":%s,"env":"%s","pwd":"%s"}\' "$input" "$HOME$SECRET" "$(/bin/pwd)"\n'
  )
  process.env.SECRET = 'x'
  const answer = (await runMergeCommand([path], '{"siblings":[1]}\n', systemClock)) as {
    in: unknown
    env: string
    pwd: string
  }
  delete process.env.SECRET
  expect(answer).toMatchObject({ in: { siblings: [1] }, env: '' })
  expect(answer.pwd).toContain('ledgermesh-merge-')
})

test('a script of JavaScript can read no file but itself', async () => {
  const path = await script(
    'import { readFileSync } from "node:fs"\nlet error = null\ntry { readFileSync("/etc/hostname") } catch (e) { error = e.code }\nprocess.stdin.resume().on("end", () => console.log(JSON.stringify({ error })))\n',
    'merge.mjs.js'
  )
  await writeFile(join(path, '..', 'package.json'), '{"type":"module"}')
  await expect(runMergeCommand([path], '{}', systemClock)).resolves.toEqual({ error: 'ERR_ACCESS_DENIED' })
})

test.each([
  ['that fails', '#!/bin/sh\nexit 3\n', 'exit code 3'],
  ['that says nothing', '#!/bin/sh\nexit 0\n', 'no merged payload'],
  [
    'that says too much',
    '#!/bin/sh\nwhile :; do echo 0123456789012345678901234567890123456789; done\n',
    'more than 1048576 bytes'
  ],
  ['that says two things', '#!/bin/sh\necho 1 2\n', 'no merged payload']
])('a command %s is MERGE_FAILED', async (_, text, message) => {
  await expect(runMergeCommand([await script(text)], '{}', systemClock)).rejects.toMatchObject({
    code: 'MERGE_FAILED',
    message: expect.stringContaining(message) as string
  })
})

test('one that is not there is MERGE_FAILED', async () => {
  await expect(runMergeCommand(['/nowhere/merge'], '{}', systemClock)).rejects.toMatchObject({ code: 'MERGE_FAILED' })
})

test('one that does not end is killed, with all that it started', async () => {
  const folder = await temporaryFolder()
  const path = await script(`#!/bin/sh\n/bin/sleep 1000 &\necho $! > ${folder}/child\nwait\n`)
  const clock = new TestClock()
  const failed = runMergeCommand([path], '{}', clock).then(
    () => null,
    (error: unknown) => error
  )
  const child = await vi.waitFor(
    async () => {
      const pid = Number(await readFile(join(folder, 'child'), 'utf8'))
      expect(pid).toBeGreaterThan(0)
      return pid
    },
    { timeout: 20_000 }
  )
  clock.pass(5000)
  expect(await failed).toMatchObject({
    code: 'MERGE_FAILED',
    message: expect.stringContaining('within 5000 ms') as string
  })
  await vi.waitFor(
    async () => {
      expect(await isGone(child)).toBe(true)
    },
    { timeout: 20_000 }
  )
})

/** Ended, though its parent may not have asked for it yet. */
async function isGone(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return stat === null || / Z /.test(stat)
}
