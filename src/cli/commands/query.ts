import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { globalsOf } from '../globals.js'
import { answer, printLine, printScreen, remark } from '../print.js'
import { showEntries } from '../views/entry-view.js'
import { withClient } from '../with-client.js'
import { optionKey } from '../param-option.js'
import { queryAcross } from './query-across.js'
import { collectParams, declareParams } from './remote.js'

const METHOD = METHODS['ledger.query']
const ACROSS = METHODS['network.query']
/** What only a question across ledgers has; the file and the list are the command's own. */
const MORE = {
  ...ACROSS,
  params: ACROSS.params.filter(
    ({ name }) => !METHOD.params.some((one) => one.name === name) && name !== 'file' && name !== 'aggregate'
  )
}
const BOTH = { ...ACROSS, params: ACROSS.params.filter(({ name }) => name !== 'file' && name !== 'aggregate') }
/** Entries a page when all are wanted. */
const PAGE = 500

/**
 * One page, or with --all page after page (as JSON: one entry a line); with --across the question goes to ledgers that
 * are not held here, too.
 */
export function addQueryCommand(program: Command): void {
  const command = program.command('query').description(METHOD.summary)
  declareParams(command, METHOD, [])
  command.option('--all', 'All pages. With --json: one entry a line.')
  command.option(
    '--across',
    'Ask across ledgers, held here or not: all that this node knows of, or those chosen below.'
  )
  declareParams(command, MORE, [])
  command.option('--count', 'With --across: only how many match.')
  command.option('--save <file>', 'With --across: keep the answer with its proofs, for `ledgermesh verify`.')
  command.action(async () => {
    const globals = globalsOf(command)
    const { all = false, across = false, count = false, save } = command.opts<Given>()
    if (across) {
      refuseWith(command, ['all', 'ledger', 'adopted', 'fromSeq'], '--across')
      const question = collectParams(command, BOTH, []) as GivenTo<typeof ACROSS>
      await withClient(globals, async (client) => {
        await queryAcross(client, question, { json: globals.json, save, count })
      })
      return
    }
    refuseWith(command, ['count', 'save', ...MORE.params.map(optionKey)], null)
    const filters = collectParams(command, METHOD, []) as GivenTo<typeof METHOD>
    if (all) filters.limit ??= PAGE
    await withClient(globals, async (client) => {
      let page = await client.call('ledger.query', filters)
      if (!all) {
        answer(globals.json, page, () => showEntries(page.entries))
        if (page.hasMore && !globals.json) remark(`There is more: add --all, or --cursor ${page.nextCursor ?? ''}`)
        return
      }
      for (;;) {
        if (globals.json) for (const entry of page.entries) await printLine(JSON.stringify(entry))
        else await printScreen(showEntries(page.entries))
        if (!page.hasMore || page.nextCursor === null) break
        page = await client.call('ledger.query', { ...filters, cursor: page.nextCursor })
      }
    })
  })
}

interface Given {
  all?: boolean
  across?: boolean
  count?: boolean
  save?: string
}

/** Options of the other kind of question must not be passed over in silence. */
function refuseWith(command: Command, options: string[], kind: '--across' | null): void {
  const given = command.opts<Record<string, unknown>>()
  const wrong = options.find((name) => given[name] !== undefined)
  if (wrong === undefined) return
  const flag = `--${wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new LedgermeshError(
    'INVALID_PARAMS',
    kind === null ? `${flag} goes with --across` : `${flag} does not go with ${kind}`
  )
}
