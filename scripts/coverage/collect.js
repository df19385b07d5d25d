/**
 * Runs in each test worker before each of its files: V8 counts which blocks of our built code run, and what came of it
 * is left in COVERAGE_FOLDER for the reporter. Processes that a test starts are not counted.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const SPACE = 0x20
const OURS = /\/dist\/(src|protocols)\/.*\.js$/

const folder = process.env.COVERAGE_FOLDER
const session = (globalThis.coverageSession ??= startSession())

afterAll(() => {
  const lines = {}
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error) throw error
    // V8 tells of each block once: a script that it knew already, and of which nothing new ran, has no functions here.
    for (const { url, functions } of taken.result)
      if (functions.length > 0 && OURS.test(url)) lines[fileURLToPath(url)] = linesRun(url, functions)
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
