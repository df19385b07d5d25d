/** What a user is told who may not use the socket: only the superuser can try it, by becoming somebody else. */
import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startRig } from './raw-client.js'

const CLIENT = fileURLToPath(new URL('../../src/rpc/client.js', import.meta.url))
/** Loaded at the refusal; here nobody may not be able to read this folder. */
const CLOSED = fileURLToPath(new URL('../../src/rpc/closed-to-us.js', import.meta.url))
const FAILURE = fileURLToPath(new URL('../../src/cli/failure.js', import.meta.url))
/** Nobody's, on every system that has one. */
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
if (!isRoot) console.warn('the socket of another user is not tried: only the superuser can become one')

test.skipIf(!isRoot)('another user is told whose the socket is, and what to do', async () => {
  const rig = await startRig()
  onTestFinished(() => rig.close())
  chmodSync(rig.path, 0o600)
  const program = `
    const { LedgerClient } = await import(${JSON.stringify(CLIENT)})
    const { reportFailure } = await import(${JSON.stringify(FAILURE)})
    await import(${JSON.stringify(CLOSED)})
    process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY})
    try {
      await LedgerClient.connect(${JSON.stringify(rig.path)})
      console.error('it was let in')
    } catch (error) {
      process.exitCode = reportFailure(error, { json: true, command: 'status' })
    }`
  const failed = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]).catch(
    (error: unknown) => error
  )
  const { code, stderr } = failed as { code: number; stderr: string }
  expect([code, JSON.parse(stderr)]).toEqual([
    3,
    {
      error: {
        kind: 'NOT_PERMITTED',
        message: `the socket ${rig.path} belongs to uid 0 and gid ${process.getgid!()}, which alone may use it; you are uid ${NOBODY}`,
        retryable: false,
        next: expect.stringMatching(/user/)
      }
    }
  ])
})
