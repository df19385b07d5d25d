import { expect, test } from 'vitest'
import { PART, runDemo, said } from './demo-run.js'

/**
 * The main job, as a newcomer runs it, with a part of the records: exit code 0 only if all roots agree and every
 * reference was resolved. All of them: node dist/scripts/soak/demo.js
 */
test('the demo: three daemons find each other, import at the same time, and end with the same roots', async () => {
  const stdout = await runDemo(PART)
  // Not a terminal: no colours, no bars, now and then a line, none that is too long to read.
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u001b\r]/)
  expect(stdout.split('\n').length).toBeLessThan(140)
  expect(stdout.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '))).toEqual([])
  for (const words of said(PART)) expect(stdout).toMatch(words)
}, 240_000)
