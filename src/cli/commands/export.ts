import type { Command } from 'commander'
import { Presets, SingleBar } from 'cli-progress'
import { exportLedger, type ExportCounts } from '../export-ledger.js'
import { showCount } from '../format.js'
import { globalsOf } from '../globals.js'
import { ofPrivateLedger } from '../of-private-ledger.js'
import { writeOutput } from '../output-file.js'
import { answer, printLine } from '../print.js'
import { withClient } from '../with-client.js'

/** A whole ledger as JSONL that `verify` checks offline. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description(
      'Write a whole ledger as JSONL, with all that is needed to check it offline (`ledgermesh verify <file>`).'
    )
    .argument('[ledger]', 'A ledger held here. Default: the own one.')
    .option('--out <file>', 'Default: standard output.')
  command.action(async (given?: string) => {
    const globals = globalsOf(command)
    const { out } = command.opts<{ out?: string }>()
    const bar =
      globals.json || !process.stderr.isTTY
        ? null
        : new SingleBar(
            { format: '{bar} {value}/{total} entries, {duration_formatted}', hideCursor: true, stream: process.stderr },
            Presets.shades_classic
          )
    const counts: ExportCounts = { total: 0, done: 0 }
    bar?.start(0, 0)
    let access: 'public' | 'private' = 'public'
    const ledger = await withClient(globals, async (client) => {
      const { ledger: id } =
        given === undefined
          ? await client.call('node.status', {})
          : await client.call('alias.resolve', { ledger: given })
      const lines = exportLedger(client, id, (now) => {
        Object.assign(counts, now)
        bar?.setTotal(now.total)
        bar?.update(now.done)
      })
      if (out === undefined) for await (const line of lines) await printLine(line)
      else access = await writeLines(out, lines)
      return id
    }).finally(() => bar?.stop())
    if (out !== undefined)
      answer(
        globals.json,
        { ledger, entries: counts.done, file: out },
        () =>
          `${showCount(counts.done, 'entry')} of a ${access} ledger in ${out}. Check it anywhere with \`npx ledgermesh verify ${out}\`.`
      )
  })
}

/** The first line says whose ledger it is, so it comes before the file is made. */
async function writeLines(file: string, lines: AsyncGenerator<string>): Promise<'public' | 'private'> {
  const { value: head } = (await lines.next()) as { value: string }
  const ownerOnly = ofPrivateLedger(head)
  await writeOutput(file, withNewlines(head, lines), { ownerOnly })
  return ownerOnly ? 'private' : 'public'
}

async function* withNewlines(head: string, lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield `${head}\n`
  for await (const line of lines) yield `${line}\n`
}
