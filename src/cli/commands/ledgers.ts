import type { Command } from 'commander'
import { globalsOf } from '../globals.js'
import { answer } from '../print.js'
import { showLedger, showLedgers } from '../views/network-view.js'
import { withClient } from '../with-client.js'

/**
 * The ledgers that are known here; or one of them in full, for which the network is asked when none of its nodes is
 * connected.
 */
export function addLedgersCommand(program: Command): void {
  const command = program
    .command('ledgers')
    .description(
      'The ledgers known here: the own one, those held, and those of nodes met before. With a ledger: what is known of it and who has it; searches when no connected peer has it.'
    )
    .argument('[ledger]', 'Only this one, with its nodes.')
  command.action(async (ledger?: string) => {
    const globals = globalsOf(command)
    const { json } = globals
    await withClient(globals, async (client) => {
      if (ledger === undefined) {
        const known = await client.call('network.ledgers', {})
        answer(json, known, () => showLedgers(known.ledgers))
      } else {
        const known = await client.call('network.getLedger', { ledger })
        answer(json, known, () => showLedger(known.ledger))
      }
    })
  })
}
