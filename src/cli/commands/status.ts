import type { Command } from 'commander'
import { globalsOf } from '../globals.js'
import { showNode } from '../views/network-view.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

/** The node and every ledger it holds, on one screen. */
export function addStatusCommand(program: Command): void {
  const command = program
    .command('status')
    .description('Who this node is, what it holds, and every ledger that is not in sync.')
  command.action(async () => {
    const globals = globalsOf(command)
    const { node, ledgers } = await withClient(globals, async (client) => {
      const [status, sync] = await Promise.all([client.call('node.status', {}), client.call('sync.status', {})])
      return { node: status, ledgers: sync.ledgers }
    })
    answer(globals.json, { node, ledgers }, () => `${showNode(node)}\n\n${showSyncStatuses(ledgers)}`)
  })
}
