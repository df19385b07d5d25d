import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { checkErased, type Erasures } from '../../publish/check-erased.js'
import { DiskFolder } from '../../publish/disk-folder.js'
import { publish, type PublishReport } from '../../publish/publish.js'
import { EXIT_REFUSED } from '../failure.js'
import { showCount } from '../format.js'
import { globalsOf } from '../globals.js'
import { answer, remark } from '../print.js'
import { ledgerNamed, NodeSource } from '../publish-source.js'
import { withClient } from '../with-client.js'

interface Flags {
  ledger?: string
  payloads?: boolean
  check?: string
}

/** A public ledger as static files; run again, it adds what is new. */
export function addPublishCommand(program: Command): void {
  const command = program
    .command('publish')
    .description(
      'Write a public ledger as static files for any web server (C2SP tlog-tiles); run again, it adds what is new.'
    )
    .argument('<folder>', 'A folder of its own for this ledger; made when there is none.')
    .option('--ledger <ledger>', 'A ledger held here. Default: the own one.')
    .option('--payloads', 'Payloads too. What is erased is deleted at the next run, with or without this.')
    .option('--check <url>', 'Where the folder is served: ask for every erased payload, and say which are still there.')
  command.action(async (path: string) => {
    const globals = globalsOf(command)
    const { ledger: given, payloads = false, check } = command.opts<Flags>()
    const served = check === undefined ? null : readUrl(check)
    const { report, erasures } = await withClient(globals, async (client) => {
      const source = new NodeSource(client, await ledgerNamed(client, given))
      const written = await publish(source, await DiskFolder.open(path), {
        payloads,
        onProgress: (done, total) => {
          if (!globals.json && process.stderr.isTTY && done % PROGRESS_STEP === 0) remark(`${done} of ${total} entries`)
        }
      })
      return { report: written, erasures: served === null ? null : await checkErased(served, source.erased(0)) }
    })
    answer(globals.json, { folder: path, ...report, ...(erasures !== null && { erasures }) }, () =>
      showPublished(path, report, erasures)
    )
    if (erasures !== null && erasures.served.length + erasures.unknown.length > 0) process.exitCode = EXIT_REFUSED
  })
}

/** Entries between two words of progress; a multiple of a bundle. */
const PROGRESS_STEP = 65_536
/** Erased payloads that are named one by one. */
const LISTED = 10

function showPublished(folder: string, report: PublishReport, erasures: Erasures | null): string {
  const { size, before, root, vkey, payloads } = report
  const lines = [
    size === before
      ? `Nothing new: ${showCount(size, 'entry')} of ${report.ledger} are in ${folder}.`
      : `${showCount(size - before, 'entry')} added: ${folder} has ${size} of ${report.ledger} now.`,
    `root  ${root}`,
    `vkey  ${vkey}`
  ]
  if (payloads.written > 0) lines.push(`${showCount(payloads.written, 'payload')} written.`)
  if (payloads.erased > 0)
    lines.push(
      `${showCount(payloads.erased, 'payload')} erased here: upload with delete, then look with --check <url>.`
    )
  if (payloads.awaited > 0)
    lines.push(`${showCount(payloads.awaited, 'payload')} not held here yet: tried again at the next run.`)
  if (erasures !== null) {
    lines.push(`${showCount(erasures.asked, 'erased payload')} asked for, ${erasures.served.length} still served.`)
    for (const hash of erasures.served.slice(0, LISTED)) lines.push(`STILL SERVED  payload/${hash}`)
    for (const { hash, answer: said } of erasures.unknown.slice(0, LISTED))
      lines.push(`UNKNOWN  payload/${hash}: ${said}`)
  }
  return lines.join('\n')
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '')
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `--check ${JSON.stringify(text)} is not the http(s) address of a folder`
    )
  return url
}
