/** An import from file to summary. */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerClient } from '../../rpc/client.js'
import { Importer, type ImportCounts, type Problem } from './importer.js'
import { ledgerNames } from './ledger-names.js'
import { MAX_LINE_BYTES } from './limits.js'
import { isRegularFile, openInput } from './open-input.js'
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
  onProblem: (problem: Problem) => void
  /** Called once, when the size is known; the given function tells how far it is. */
  onStart: (counts: () => ProgressCounts) => void
}

/** `ms`: how long it took. `unresolved` lines are also counted as appended or existing. */
export interface ImportSummary extends ImportCounts { lines: number, ms: number }

export async function runImport ({ client, file, ledgers, waitMs, onProblem, onStart }: ImportOptions): Promise<ImportSummary> {
  const started = performance.now()
  const total = isRegularFile(file) ? await countLines(openInput(file)) : 0
  const [{ ledger: ownLedger }, known] = await Promise.all([client.call('node.status', {}), client.call('network.ledgers', {})])
  const ledgerNamed = ledgerNames(ledgers, known.ledgers)
  let lines = 0

  async function * parsed (): AsyncGenerator<ImportLine[]> {
    for await (const group of readLines(openInput(file), MAX_LINE_BYTES)) yield group.flatMap(parseOrReport)
  }

  function parseOrReport ({ number, bytes }: Line): ImportLine[] {
    lines++
    try {
      if (bytes === null) throw new LedgermeshError('TOO_LARGE', `the line is longer than ${MAX_LINE_BYTES} bytes`)
      return [parseLine(number, bytes, ledgerNamed)]
    } catch (error) {
      if (!(error instanceof LedgermeshError)) throw error
      importer.counts.failed++
      onProblem({ line: number, id: null, code: error.code, message: error.message })
      return []
    }
  }

  const importer = new Importer({ client, ownLedger, lines: parsed(), waitMs, onProblem })
  const { counts } = importer
  onStart(() => ({ total, done: counts.appended + counts.existing + counts.failed, parked: importer.parked }))
  await importer.run()
  return { lines, ...counts, ms: Math.round(performance.now() - started) }
}
