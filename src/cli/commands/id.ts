import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { globalsOf, type Globals } from '../globals.js'
import { showPairs } from '../format.js'
import { withClient } from '../with-client.js'

/** Asks the running node; reads the home when none runs. */
export function addIdCommand (program: Command): void {
  const command = program.command('id').description('The id of the own ledger, and of this node.')
  command.action(async () => {
    const globals = globalsOf(command)
    const ids = await askNode(globals) ?? await readHome(globals)
    console.log(globals.json ? JSON.stringify(ids) : showPairs(Object.entries(ids).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value])))
  })
}

async function askNode (globals: Globals): Promise<Record<string, string | string[]> | null> {
  try {
    const { ledger, name, network, peerId, addrs } = await withClient(globals, (client) => client.call('node.status', {}))
    return { ledger, name, network, peerId, addrs }
  } catch (error) {
    if (isCoded(error, 'NODE_UNREACHABLE')) return null
    throw error
  }
}

async function readHome ({ paths }: Globals): Promise<Record<string, string>> {
  if (!existsSync(paths.ledgerKey)) throw new LedgermeshError('BAD_FILE', `there is no ledger in ${paths.home}: make one with \`ledgermesh init\` or \`ledgermesh start\``)
  const { initHome } = await import('../../node/start-daemon.js')
  const { silentLog } = await import('../../node/system.js')
  const { ledger } = await initHome({ home: paths.home }, silentLog)
  return { ledger, home: paths.home }
}
