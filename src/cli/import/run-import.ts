/** An import from file to summary. */
import { isCoded, LedgermeshError, type ErrorCode } from '../../core/errors.js'
import type { LedgerClient } from '../../rpc/client.js'
import { foreignShape } from './foreign-shape.js'
import { Importer, type ImportCounts, type Problem } from './importer.js'
import { ledgerNames } from './ledger-names.js'
import { MAX_LINE_BYTES } from './limits.js'
import { isRegularFile, openInput } from './open-input.js'
import { ProblemList } from './problem-list.js'
import { parseLine, type ImportLine } from './parse-line.js'
import type { ProgressCounts } from './progress.js'
import { countLines, readLines, type Line } from './read-lines.js'

export interface ImportOptions {
  client: LedgerClient
  /** A path, or - for standard input. */
  file: string
  /** Names of ledgers in references. */
  ledgers: Map<string, string>
  waitMs: number | null
  /** Lines that could not be taken, or not wholly: so many are told of, the rest is counted. */
  listed: number
  onProblem: (problem: Problem) => void
  /** Ends it: what is under way is waited for. */
  signal: AbortSignal
  /** Called once, when the size is known; the given function tells how far it is. */
  onStart: (counts: () => ProgressCounts) => void
}

/**
 * `ms`: how long it took. `unresolved` lines are also counted as appended or existing. `unlisted`: by code, what was
 * not told of.
 */
export interface ImportSummary extends ImportCounts {
  lines: number
  ms: number
  unlisted: Partial<Record<ErrorCode, number>>
}

/** Throws with what was taken before, and `details.taken`. */
export async function runImport({
  client,
  file,
  ledgers,
  waitMs,
  listed,
  onProblem,
  signal,
  onStart
}: ImportOptions): Promise<ImportSummary> {
  const started = performance.now()
  const live = !isRegularFile(file)
  const total = live
    ? 0
    : await countLines(openInput(file)).catch((error: unknown) => {
        throw withTaken(error, NOTHING)
      })
  const [{ ledger: ownLedger }, known, { aliases }] = await Promise.all([
    client.call('node.status', {}),
    client.call('network.ledgers', {}),
    client.call('alias.list', {})
  ])
  const ledgerNamed = ledgerNames(ledgers, {
    aliases: new Map(aliases.map(({ alias, ledger }) => [alias, ledger])),
    known: known.ledgers
  })
  let lines = 0

  async function* parsed(): AsyncGenerator<ImportLine[]> {
    for await (const group of readLines(openInput(file), MAX_LINE_BYTES)) {
      const shape = lines === 0 ? foreignShape(group) : null
      if (shape !== null) throw new LedgermeshError('BAD_FILE', `${file === '-' ? 'standard input' : file} is ${shape}`)
      yield group.flatMap(parseOrReport)
    }
  }

  function parseOrReport({ number, bytes }: Line): ImportLine[] {
    lines++
    try {
      if (bytes === null) throw new LedgermeshError('TOO_LARGE', `the line is longer than ${MAX_LINE_BYTES} bytes`)
      return [parseLine(number, bytes, ledgerNamed)]
    } catch (error) {
      if (!(error instanceof LedgermeshError)) throw error
      importer.counts.failed++
      problems.add({ line: number, id: null, code: error.code, message: error.message })
      return []
    }
  }

  const problems = new ProblemList(listed, onProblem)
  const importer = new Importer({
    client,
    ownLedger,
    lines: parsed(),
    waitMs,
    live,
    onProblem: (problem) => {
      problems.add(problem)
    }
  })
  const { counts } = importer
  onStart(() => ({ total, done: counts.appended + counts.existing + counts.failed, parked: importer.parked }))
  signal.addEventListener(
    'abort',
    () => {
      importer.interrupt()
    },
    { once: true }
  )
  const summary = (): ImportSummary => ({
    lines,
    ...counts,
    ms: Math.round(performance.now() - started),
    unlisted: problems.unlisted
  })
  await importer.run().catch((error: unknown) => {
    throw withTaken(error, summary())
  })
  return summary()
}

const NOTHING: ImportSummary = { lines: 0, appended: 0, existing: 0, unresolved: 0, failed: 0, ms: 0, unlisted: {} }

/** Whatever ends an import: the user knows what is in the ledger now, and how to go on. */
function withTaken(error: unknown, taken: ImportSummary): unknown {
  if (!isCoded(error)) return error
  const { lines, appended, existing, failed } = taken
  const said =
    appended + existing === 0
      ? 'nothing was taken'
      : `taken before that, of ${lines} lines read: ${appended} appended, ${existing} there already, ${failed} left out; running the same import again continues from there and takes nothing twice`
  return new LedgermeshError(error.code, `${error.message} (${said})`, { ...error.details, taken }, { cause: error })
}
