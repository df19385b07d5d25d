import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { globalsOf, type Globals } from '../globals.js'
import { showPairs } from '../pairs.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

/** Asks the running node; reads the home when none runs. */
export function addIdCommand(program: Command): void {
  const command = program
    .command('id')
    .description('The id of the own ledger, and of this node.')
    .option('--ledger', "Only the ledger's id.")
    .option('--addr', 'Only an address at which this node can be reached (while it runs).')
  command.action(async () => {
    const globals = globalsOf(command)
    const { ledger = false, addr = false } = command.opts<{ ledger?: boolean; addr?: boolean }>()
    const ids = addr ? await ask(globals) : ((await askNode(globals)) ?? (await readHome(globals)))
    if (ledger || addr) {
      const only = ledger ? ids.ledger : ids.addrs?.[0]
      if (only === undefined) throw new LedgermeshError('OFFLINE', 'this node has no address')
      answer(globals.json, only, () => only)
      return
    }
    answer(globals.json, ids, () => showPairs(Object.entries(ids) as [string, string | string[]][]))
  })
}

interface Ids {
  ledger: string
  name?: string
  access?: 'public' | 'private'
  network?: string
  peerId?: string
  addrs?: string[]
  home?: string
}

async function ask(globals: Globals): Promise<Ids> {
  const { ledger, name, access, network, peerId, addrs } = await withClient(globals, (client) =>
    client.call('node.status', {})
  )
  return { ledger, name, access, network, peerId, addrs }
}

async function askNode(globals: Globals): Promise<Ids | null> {
  try {
    return await ask(globals)
  } catch (error) {
    if (isCoded(error, 'NODE_UNREACHABLE')) return null
    throw error
  }
}

async function readHome({ paths }: Globals): Promise<Ids> {
  if (!existsSync(paths.ledgerKey)) throw new LedgermeshError('NO_LEDGER', `there is no ledger in ${paths.home}`)
  const { initHome } = await import('../../node/start-daemon.js')
  const { silentLog } = await import('../../node/runtime/system.js')
  const { ledger } = await initHome({ home: paths.home }, silentLog)
  return { ledger, home: paths.home }
}
