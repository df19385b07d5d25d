import type { Command } from 'commander'
import { globalsOf } from '../globals.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

/** Returns when the node has stopped: it ends our connection last. */
export function addStopCommand(program: Command): void {
  const command = program.command('stop').description('Stop the node of this home in order.')
  command.action(async () => {
    const globals = globalsOf(command)
    await withClient(globals, async (client) => {
      await client.call('node.stop', {})
      await client.closed
    })
    answer(globals.json, { stopped: true }, () => 'Stopped.')
  })
}
