import type { Command } from 'commander'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { EXIT_REFUSED } from '../failure.js'
import { globalsOf } from '../globals.js'
import { flagOf } from '../param-option.js'
import { showPush } from '../views/push-view.js'
import { withClient } from '../with-client.js'
import { collectParams } from './remote.js'
import { answer } from '../print.js'

const METHOD = METHODS['sync.push']
/** How long `--wait` waits when it is not told. */
const WAIT = '60s'

/** --wait: exit code 0 when all of it is confirmed. */
export function addPushCommand(program: Command): void {
  const command = program
    .command('push')
    .description(METHOD.summary)
    .argument('<remote>', 'The ledger of the remote.')
    .option(
      '--wait [span]',
      `Return when all is confirmed (exit code 0) or stands still (1), at the latest after so long. Default ${WAIT}.`
    )
  for (const param of METHOD.params)
    if (param.name !== 'remote' && param.name !== 'wait') command.option(flagOf(param), param.summary)
  command.action(async () => {
    const globals = globalsOf(command)
    const { wait } = command.opts<{ wait?: string | true }>()
    if (wait === true) command.setOptionValue('wait', WAIT)
    const params = collectParams(command, METHOD, ['remote']) as GivenTo<typeof METHOD>
    const report = await withClient(globals, (client) => client.call('sync.push', params))
    answer(globals.json, report, () => showPush(report))
    if (report.flows.some(({ status }) => status === 'failed' || (wait !== undefined && status !== 'synced')))
      process.exitCode = EXIT_REFUSED
  })
}
