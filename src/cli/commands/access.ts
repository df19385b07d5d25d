import { Option, type Command } from 'commander'
import { ACCESS_SCOPES, type AccessScope } from '../../core/ledger-types.js'
import { METHODS } from '../../rpc/methods/index.js'
import { readParams } from '../../rpc/read-params.js'
import { globalsOf } from '../globals.js'
import { showAccess, showChange } from '../views/access-view.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

interface Given {
  grant?: string[]
  scope?: AccessScope
  revoke?: string[]
  trust?: string
}

/** Shows who may read; with options, changes it first. */
export function addAccessCommand(program: Command): void {
  const command = program
    .command('access')
    .description('Who may read the own, private ledger; with options: change it.')
    .option('--grant <ledger...>', 'Ledgers that may read from now on.')
    .addOption(
      new Option(
        '--scope <scope>',
        'What those granted may do: full, query-only (no copies) or sync-only (no queries).'
      )
        .choices(ACCESS_SCOPES)
        .default('full')
    )
    .option('--revoke <ledger...>', 'Ledgers that may no longer read.')
    .option(
      '--trust <level|none>',
      'Ledgers that this one trusts at least so much (0.7, or 700 thousandths) may read too; none: only those granted.'
    )
  command.action(async () => {
    const globals = globalsOf(command)
    const { grant = [], scope = 'full', revoke, trust } = command.opts<Given>()
    const change = {
      ...(grant.length === 0 ? {} : { grant: grant.map((ledger) => ({ ledger, scope })) }),
      ...(revoke === undefined ? {} : { revoke }),
      ...(trust === undefined ? {} : trust === 'none' ? { noTrust: true } : { trustMilli: trust })
    }
    readParams(METHODS['ledger.setAccess'], change) // the node reads what was written
    const report = await withClient(globals, async (client) => {
      const changed = Object.keys(change).length > 0 ? await client.call('ledger.setAccess', change) : null
      return { changed, access: await client.call('ledger.access', {}) }
    })
    answer(globals.json, report.access, () =>
      [...(report.changed === null ? [] : [showChange(report.changed.entry)]), showAccess(report.access)].join('\n')
    )
  })
}
