import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('two hosts that talked, searched and stopped leave nothing that keeps the process alive', async () => {
  const program = fileURLToPath(new URL('./exit-program.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 15_000 })
  expect(stdout).toBe('talked\nstopped\n')
}, 20_000)
