import type { Command } from 'commander'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { showPairs } from '../pairs.js'
import { globalsOf } from '../globals.js'
import { answer } from '../print.js'

/** Keys and genesis, without a network. `start` does the same when it finds none. */
export function addInitCommand(program: Command): void {
  const command = program
    .command('init')
    .description('Make the home folder, its keys and the genesis of the own ledger, without starting a node.')
  declareDaemonFlags(command, false)
  command.action(async () => {
    const globals = globalsOf(command)
    const { initHome } = await import('../../node/start-daemon.js')
    const { silentLog } = await import('../../node/runtime/system.js')
    const result = await initHome(daemonOptions(command, globals), silentLog)
    const { paths } = globals
    answer(globals.json, result, () =>
      [
        result.created ? 'A new ledger.' : 'This ledger already exists; nothing was changed.',
        showPairs([
          ['ledger', result.ledger],
          ['name', `${result.name} (${result.access})`],
          ['home', result.home],
          ['secret', [`${paths.ledgerKey} (signs)`, `${paths.peerKey} (node)`]],
          ['rescue', `${paths.nextKey}: the only key that can replace the ledger key; move it to a safe place`]
        ]),
        'Next: `npx ledgermesh start`'
      ].join('\n')
    )
  })
}
