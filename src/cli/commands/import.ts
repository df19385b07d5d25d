import { Option, type Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { EXIT_REFUSED } from '../failure.js'
import { showCount, showSpan } from '../format.js'
import { visible } from '../visible.js'
import { globalsOf } from '../globals.js'
import type { Problem } from '../import/importer.js'
import { parseLedgerOption } from '../import/ledger-names.js'
import { DEFAULT_WAIT_S, LISTED_PROBLEMS } from '../import/limits.js'
import { showProgress } from '../import/progress.js'
import { runImport, type ImportSummary } from '../import/run-import.js'
import { readSpan } from '../../rpc/quantities.js'
import { withClient } from '../with-client.js'
import { answer, remark, remarkJson } from '../print.js'

interface ImportFlags {
  ledger?: Map<string, string>
  wait?: string | true
  list?: string
  progress?: 'json' | 'text'
}

/** Running it again goes on where it was interrupted: ids make every line idempotent. */
export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description(
      "Append the entries of a JSONL file (plain, gzip, zstd): a line has the params of ledger.append; references[].ledger may be a ledger's name."
    )
    .argument('<file>', 'A path, or - for standard input.')
    .option(
      '--ledger <name=id>',
      'The ledger that a name in references means; repeatable. Default: the names of the ledgers held here.',
      parseLedgerOption
    )
    .option(
      '--wait [seconds]',
      `Wait for entries that lines refer to; after so long without progress (${DEFAULT_WAIT_S}) append what is left without their hashes. Default: leave such lines out.`
    )
    .option(
      '--list <count>',
      `List so many lines that could not be taken, and count the rest. Default: ${LISTED_PROBLEMS}.`
    )
    .addOption(
      new Option('--progress <style>', 'json: {"progress": {total, done, parked}} lines on stdout.')
        .choices(['json', 'text'])
        .default('text')
    )
  command.action(async (file: string) => {
    const globals = globalsOf(command)
    const { ledger = new Map<string, string>(), wait, list, progress = 'text' } = command.opts<ImportFlags>()
    const waitMs = readWait(wait)
    const listed = list === undefined ? LISTED_PROBLEMS : readCount(list)
    const interrupted = new AbortController()
    // a second one ends it at once
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interrupted.abort())
    let endProgress: () => void = () => undefined
    const onProblem = (problem: Problem): void => {
      if (globals.json) remarkJson(problem)
      else remark(visible(`line ${problem.line}: ${problem.message} (${problem.code})`))
    }
    const summary = await withClient(globals, (client) =>
      runImport({
        client,
        file,
        ledgers: ledger,
        waitMs,
        listed,
        onProblem,
        signal: interrupted.signal,
        onStart: (counts) => {
          endProgress = showProgress(progress, globals.json, counts)
        }
      })
    ).finally(() => endProgress())
    answer(globals.json, summary, () => showSummary(summary))
    if (summary.failed > 0) process.exitCode = EXIT_REFUSED
  })
}

function readWait(wait: string | true | undefined): number | null {
  if (wait === undefined) return null
  if (wait !== true && /^\d.*[a-z]$/.test(wait)) return readSpan(wait)
  const seconds = wait === true ? DEFAULT_WAIT_S : Number(wait)
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `--wait ${JSON.stringify(wait)} is neither a number of seconds nor a span such as 2min`
    )
  return seconds * 1000
}

function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new LedgermeshError('INVALID_PARAMS', `--list ${JSON.stringify(text)} is not a count`)
  return Number(text)
}

function showSummary({ lines, appended, existing, unresolved, failed, ms, unlisted }: ImportSummary): string {
  const parts = [`${showCount(appended, 'entry')} appended`]
  if (existing > 0) parts.push(`${existing} were there already`)
  if (unresolved > 0) parts.push(`${unresolved} of them with references that do not resolve yet`)
  if (failed > 0) parts.push(`${failed} left out`)
  const rest = Object.entries(unlisted).map(([code, count]) => `${count} ${code}`)
  return `${showCount(lines, 'line')} in ${showSpan(ms)}: ${parts.join(', ')}.${rest.length === 0 ? '' : `\nNot listed above: ${rest.join(', ')} (--list lists more).`}`
}
