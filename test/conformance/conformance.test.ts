import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = join(resolve(process.env.SHARED_FOLDER!), 'conformance')
const adapter = fileURLToPath(new URL('./adapter.js', import.meta.url))

test('the conformance cases', { timeout: 120_000 }, async (context) => {
  if (!existsSync(join(folder, 'run.mjs'))) {
    console.log(`conformance: skipped, there is no ${folder} (LEDGERMESH_SHARED names the folder above it)`)
    context.skip()
  }
  const cases = globSync(join(folder, 'cases', '*.jsonl')).toSorted()
  expect(cases.length).toBeGreaterThan(0)
  const { output, code } = await run([
    join(folder, 'run.mjs'),
    '--adapter',
    `"${process.execPath}" "${adapter}"`,
    ...cases
  ])
  const figure = /^(\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output)
  console.log(`conformance: ${figure?.[0] ?? 'no figure'}`)
  if (code !== 0) console.log(output)
  expect(Number(figure?.[1])).toBeGreaterThan(0)
  expect(Number(figure?.[2])).toBe(0)
  expect(code).toBe(0)
})

function run(args: string[]): Promise<{ output: string; code: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject).on('close', (code) => {
      resolve({ output, code })
    })
  })
}
