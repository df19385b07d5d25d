/**
 * Runs in each test worker before its file: V8 counts which blocks of our built code run, and what came of it is left
 * in COVERAGE_FOLDER for the reporter. Processes that a test starts are not counted.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'

const SPACE = 0x20
const OURS = /\/dist\/(src|protocols)\/.*\.js$/

/** Storms and fuzzing take a third longer when they are counted; the others' work is done in other processes. */
const NOT_COUNTED = /\/dist\/test\/(sim|fuzz|e2e|package|scripts)\//

const folder = process.env.COVERAGE_FOLDER
const session = NOT_COUNTED.test(expect.getState().testPath) ? null : (globalThis.coverageSession ??= startSession())

afterAll(() => {
  if (session === null) return
  const lines = {}
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error) throw error
    for (const { url, functions } of taken.result)
      if (OURS.test(url)) lines[fileURLToPath(url)] = linesRun(url, functions)
  })
  writeFileSync(join(folder, `${process.pid}-${process.hrtime.bigint()}.json`), JSON.stringify(lines))
})

/** Its calls answer at once: it is this thread's own. */
function startSession() {
  const started = new Session()
  started.connect()
  started.post('Profiler.enable')
  started.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
  return started
}

/** For each line of the file, 1 when what it begins with has run. */
function linesRun(url, functions) {
  const text = readFileSync(fileURLToPath(url), 'utf8')
  const run = new Uint8Array(text.length)
  // Outer ranges come before those inside them.
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) run.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  let lines = ''
  for (let at = 0; at <= text.length;) {
    const end = text.indexOf('\n', at)
    while (text.charCodeAt(at) === SPACE) at++
    lines += run[at] === 1 ? '1' : '0'
    if (end === -1) break
    at = end + 1
  }
  return lines
}
