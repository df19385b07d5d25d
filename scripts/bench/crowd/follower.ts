/**
 * A process: a whole node that follows the author. Arguments: folder, author's address, ledger. Told a size, it says
 * when it has it.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'

/** The monotonic clock of the machine; peers that this node is connected to. */
export interface Arrived {
  atNs: string
  peers: number
}

const POLL_MS = 5

const [dataDir, addr, id] = [process.argv[2]!, process.argv[3]!, process.argv[4]!]
const ledger = await createLedger({
  dataDir,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  bootstrap: [addr],
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
await ledger.plugins.sync.follow(id)

async function arrived(size: number): Promise<Arrived> {
  const mirror = ledger.parts.ledgers.get(id)!
  while (mirror.size < size) await wait(POLL_MS)
  return { atNs: String(process.hrtime.bigint()), peers: ledger.parts.peerNetwork!.host.peers().length }
}

process.on('message', (size: number) => {
  arrived(size).then(
    (seen) => {
      process.send!(seen)
    },
    (error: unknown) => {
      throw error
    }
  )
})
process.on('disconnect', () => {
  process.exit()
})
