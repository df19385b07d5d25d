import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { globalsOf } from '../globals.js'
import { showEvent } from '../views/event-view.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'
import { answer, remark } from '../print.js'

const METHOD = METHODS['network.subscribe']

/** Until interrupted, or until the node stops. */
export function addEventsCommand(program: Command): void {
  const command = program
    .command('events')
    .description('Shows what happens on the network, as it happens. With --json: one event a line.')
  declareParams(command, METHOD, [])
  command.action(async () => {
    const globals = globalsOf(command)
    const params = collectParams(command, METHOD, []) as GivenTo<typeof METHOD>
    await withClient(globals, async (client) => {
      await client.watchNetwork(params, (event) => {
        answer(globals.json, event, () => showEvent(event))
      })
      if (!globals.json) remark('Watching the network. Ctrl-C ends it.')
      await client.closed
    })
  })
}
