import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { warnUnknown } from '../warn-unknown.js'
import { withClient } from '../with-client.js'
import { collectParams, declareParams } from './remote.js'
import { answer } from '../print.js'

const METHOD = METHODS['sync.follow']

/** --wait: follow, then pull. */
export function addFollowCommand(program: Command): void {
  const command = program.command('follow').description(METHOD.summary)
  declareParams(command, METHOD, ['ledger'])
  command.option('--wait', 'Return when the ledger is synced (exit code 0) or stalled (1).')
  command.action(async () => {
    const globals = globalsOf(command)
    const { wait = false } = command.opts<{ wait?: boolean }>()
    // `<ledger>#<key>`: as it is written down, with the key that decides should one of its keys sign two rotations
    // (R1).
    const [ledger, key] = String(command.processedArgs[0]).split('#', 2)
    command.processedArgs[0] = ledger
    if (key !== undefined) command.setOptionValue('key', key)
    const params = collectParams(command, METHOD, ['ledger']) as GivenTo<typeof METHOD>
    const status = await withClient(globals, async (client) => {
      const followed = await client.call('sync.follow', params)
      if (followed.size === 0 && followed.peers === 0)
        await warnUnknown(client, followed.ledger, 'It is looked for until `npx ledgermesh unfollow`.')
      return wait ? await client.call('sync.pull', { ledger: params.ledger }) : followed
    })
    answer(globals.json, status, () => showSyncStatuses([status]))
    if (wait && status.status === 'stalled') process.exitCode = EXIT_REFUSED
  })
}
