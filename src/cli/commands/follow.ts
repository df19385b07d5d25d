import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import type { ParamsOf } from '../../rpc/method.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'

const METHOD = METHODS['sync.follow']

/** --wait: follow, then pull. */
export function addFollowCommand (program: Command): void {
  const command = program.command('follow').description(METHOD.summary)
  declareParams(command, METHOD, ['ledger'])
  command.option('--wait', 'Return when the ledger is synced (exit code 0) or stalled (1).')
  command.action(async () => {
    const globals = globalsOf(command)
    const { wait = false } = command.opts<{ wait?: boolean }>()
    const params = collectParams(command, METHOD, ['ledger']) as ParamsOf<typeof METHOD>
    const status = await withClient(globals, async (client) => {
      const followed = await client.call('sync.follow', params)
      return wait ? await client.call('sync.pull', { ledger: params.ledger }) : followed
    })
    console.log(globals.json ? JSON.stringify(status) : showSyncStatuses([status]))
    if (wait && status.status === 'stalled') process.exitCode = EXIT_REFUSED
  })
}
