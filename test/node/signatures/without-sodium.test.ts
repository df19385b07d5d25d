/** On a machine for which libsodium has no prebuilt file. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const HOOK = resolve('test/helpers/without-sodium.cjs')

test('without it a ledger is written, checked in the worker and read back all the same', async () => {
  const env = { ...process.env, NODE_OPTIONS: `--require ${HOOK}` }
  const { stdout } = await run(process.execPath, [resolve('dist/test/node/signatures/without-sodium-child.js')], {
    env
  })
  expect(JSON.parse(stdout)).toEqual({
    fault: 'left out by test/helpers/without-sodium.cjs',
    logged: expect.arrayContaining(['signatures.without-sodium', 'signer.ready']) as string[],
    size: 4,
    chain: true,
    valid: [true, true, true, true, false]
  })
})
