/**
 * Line coverage at the end of a whole run: of the lines of src and protocols that have code, those that a test process
 * ran. Built lines are told to their source lines by the source maps.
 */
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
/** Lines that only close something, or import. */
const NO_CODE = /^\s*([})\];,]*|\/[/*].*|\*.*|import .*|export \{.*|export \* .*)$/

export default class CoverageReporter {
  #folder = ''

  onInit() {
    this.#folder = mkdtempSync(join(tmpdir(), 'ledgermesh-coverage-'))
    process.env.COVERAGE_FOLDER = this.#folder
  }

  onTestRunEnd() {
    const runs = readdirSync(this.#folder).map((name) => JSON.parse(readFileSync(join(this.#folder, name), 'utf8')))
    rmSync(this.#folder, { recursive: true })
    const rooms = new Map()
    for (const file of globSync('dist/{src,protocols}/**/*.js', { cwd: ROOT })) {
      if (file.endsWith('.pb.js')) continue
      const built = join(ROOT, file)
      const { covered, lines } = countLines(
        built,
        runs.flatMap((run) => run[built] ?? [])
      )
      const room = relative('dist', file)
        .split('/')
        .slice(0, file.startsWith('dist/src/') ? 2 : 1)
        .join('/')
      const sum = rooms.get(room) ?? { covered: 0, lines: 0 }
      rooms.set(room, { covered: sum.covered + covered, lines: sum.lines + lines })
    }
    process.on('exit', () => print(rooms))
  }
}

/** Of the source lines with code: how many, and how many ran in one of the runs. */
function countLines(built, runs) {
  const map = new SourceMap(JSON.parse(readFileSync(`${built}.map`, 'utf8')))
  const source = new Map()
  for (const [index, line] of readFileSync(built, 'utf8').split('\n').entries()) {
    if (NO_CODE.test(line)) continue
    const { originalLine } = map.findEntry(index, line.length - line.trimStart().length)
    if (originalLine === undefined) continue
    source.set(originalLine, source.get(originalLine) === true || runs.some((run) => run[index] === '1'))
  }
  return { covered: [...source.values()].filter(Boolean).length, lines: source.size }
}

function print(rooms) {
  const percent = ({ covered, lines }) => `${((covered / lines) * 100).toFixed(1)} %`
  const all = { covered: 0, lines: 0 }
  console.log('\nLine coverage (without storms, fuzzing, and processes that tests start):')
  for (const [room, sum] of [...rooms].toSorted(([one], [other]) => one.localeCompare(other))) {
    if (sum.lines === 0) continue
    all.covered += sum.covered
    all.lines += sum.lines
    console.log(`  ${room.padEnd(16)} ${percent(sum).padStart(8)}`)
  }
  console.log(`  ${'all'.padEnd(16)} ${percent(all).padStart(8)}  (${all.covered} of ${all.lines} lines)`)
}
