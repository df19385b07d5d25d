import { createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { Presets, SingleBar } from 'cli-progress'
import { exportLedger, type ExportCounts } from '../export-ledger.js'
import { showCount } from '../format.js'
import { globalsOf } from '../globals.js'
import { printLine } from '../print.js'
import { withClient } from '../with-client.js'

/** A whole ledger as JSONL that `verify` checks offline. */
export function addExportCommand (program: Command): void {
  const command = program.command('export').description('Write a whole ledger as JSONL, with all that is needed to check it offline (`ledgermesh verify <file>`).')
    .argument('[ledger]', 'A ledger held here. Default: the own one.')
    .option('--out <file>', 'Default: standard output.')
  command.action(async (given?: string) => {
    const globals = globalsOf(command)
    const { out } = command.opts<{ out?: string }>()
    const bar = globals.json || !process.stderr.isTTY ? null : new SingleBar({ format: '{bar} {value}/{total} entries, {duration_formatted}', hideCursor: true, stream: process.stderr }, Presets.shades_classic)
    const counts: ExportCounts = { total: 0, done: 0 }
    bar?.start(0, 0)
    const ledger = await withClient(globals, async (client) => {
      const id = given ?? (await client.call('node.status', {})).ledger
      const lines = exportLedger(client, id, (now) => {
        Object.assign(counts, now)
        bar?.setTotal(now.total)
        bar?.update(now.done)
      })
      if (out === undefined) for await (const line of lines) await printLine(line)
      else await writeFileWhole(out, lines)
      return id
    }).finally(() => bar?.stop())
    if (out !== undefined) console.log(globals.json ? JSON.stringify({ ledger, entries: counts.done, file: out }) : `${showCount(counts.done, 'entry')} in ${out}. Check it anywhere with \`npx ledgermesh verify ${out}\`.`)
  })
}

/** The file appears when it is complete and on the disk. */
async function writeFileWhole (file: string, lines: AsyncIterable<string>): Promise<void> {
  const temporary = `${file}.part`
  try {
    await pipeline(Readable.from(withNewlines(lines)), createWriteStream(temporary))
    const handle = await open(temporary, 'r+')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function * withNewlines (lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
