import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import type { ParamsOf } from '../../rpc/method.js'
import { globalsOf } from '../globals.js'
import { printLine } from '../print.js'
import { showEntries } from '../views/entry-view.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'

const METHOD = METHODS['ledger.query']
/** Entries a page when all are wanted. */
const PAGE = 500

/** One page, or with --all page after page (as JSON: one entry a line). */
export function addQueryCommand (program: Command): void {
  const command = program.command('query').description(METHOD.summary)
  declareParams(command, METHOD, [])
  command.option('--all', 'All pages. With --json: one entry a line.')
  command.action(async () => {
    const globals = globalsOf(command)
    const { all = false } = command.opts<{ all?: boolean }>()
    const filters = collectParams(command, METHOD, []) as ParamsOf<typeof METHOD>
    if (all) filters.limit ??= PAGE
    await withClient(globals, async (client) => {
      let page = await client.call('ledger.query', filters)
      if (!all) {
        console.log(globals.json ? JSON.stringify(page) : showEntries(page.entries))
        if (page.hasMore && !globals.json) console.error(`There is more: add --all, or --cursor ${page.nextCursor ?? ''}`)
        return
      }
      for (;;) {
        if (globals.json) for (const entry of page.entries) await printLine(JSON.stringify(entry))
        else await printLine(showEntries(page.entries))
        if (!page.hasMore || page.nextCursor === null) break
        page = await client.call('ledger.query', { ...filters, cursor: page.nextCursor })
      }
    })
  })
}
