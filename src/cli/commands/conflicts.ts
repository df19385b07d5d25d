/**
 * Conflicts of both kinds: forks of a ledger (named by its id: b…), and entries of several ledgers that differ (c…).
 */
import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import { globalsOf } from '../globals.js'
import { answer } from '../print.js'
import { showConflicts } from '../views/conflict-view.js'
import { showEntryConflict, showEntryConflicts } from '../views/entry-conflict-view.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'

const FORKS = METHODS['sync.conflicts']
const ENTRIES = METHODS['sync.entryConflicts']

/** With a ledger: its forks alone. With --json: {forks, entries}, or the forks of the ledger. */
export function addConflictsCommand(program: Command): void {
  const command = program
    .command('conflicts')
    .description('Frozen ledgers, and conflicting entries of several ledgers, with what an operator can do about them.')
  declareParams(command, FORKS, ['ledger'])
  declareParams(command, ENTRIES, [])
  command.action(async () => {
    const globals = globalsOf(command)
    const [ledger] = command.processedArgs as [string | undefined]
    const filters = collectParams(command, ENTRIES, [])
    await withClient(globals, async (client) => {
      const forks = await client.call('sync.conflicts', ledger === undefined ? {} : { ledger })
      if (ledger !== undefined) return answer(globals.json, forks, () => showConflicts(forks))
      const entries = await client.call('sync.entryConflicts', filters)
      answer(globals.json, { forks, entries }, () => `${showConflicts(forks)}\n\n${showEntryConflicts(entries)}`)
    })
  })
  const show = command
    .command('show')
    .description('The entries of a conflict side by side, which of them is current, and why.')
    .argument('<conflict>', 'The conflict, or the beginning of its id: c and 4 digits or more.')
  show.action(async () => {
    const globals = globalsOf(show)
    const view = await withClient(
      globals,
      async (client) => await client.call('sync.view', { conflict: String(show.processedArgs[0]) })
    )
    answer(globals.json, view, () => showEntryConflict(view))
  })
}
