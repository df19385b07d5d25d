import type { Command } from 'commander'
import { daemonOptions, declareDaemonFlags } from '../daemon-flags.js'
import { showPairs } from '../format.js'
import { globalsOf } from '../globals.js'

/** Keys and genesis, without a network. `start` does the same when it finds none. */
export function addInitCommand (program: Command): void {
  const command = program.command('init').description('Make the home folder, its keys and the genesis of the own ledger, without starting a node.')
  declareDaemonFlags(command, false)
  command.action(async () => {
    const globals = globalsOf(command)
    const { initHome } = await import('../../node/start-daemon.js')
    const { silentLog } = await import('../../node/system.js')
    const result = await initHome(daemonOptions(command, globals), silentLog)
    if (globals.json) {
      console.log(JSON.stringify(result))
      return
    }
    const { paths } = globals
    console.log(result.created ? 'A new ledger.' : 'This ledger was here already; nothing was changed.')
    console.log(showPairs([['ledger', result.ledger], ['home', result.home], ['secret', `${paths.ledgerKey} (signs), ${paths.peerKey} (node)`], ['rescue', `${paths.nextKey}: the only key that can replace the ledger key; move it to a safe place`]]))
    console.log('Next: `npx ledgermesh start`')
  })
}
