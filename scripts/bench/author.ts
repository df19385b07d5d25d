/**
 * The author's process: serves its ledger and the plain protocols, and appends when its parent says so. It ends with
 * its parent.
 */
import { join } from 'node:path'
import { createLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import type { FromAuthor } from './author-process.js'
import { startPlainHost } from './plain-host.js'

const folder = process.argv[2]!
const ledger = await createLedger({
  dataDir: join(folder, 'author'),
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
const plain = await startPlainHost(folder)

function send(message: FromAuthor): void {
  process.send!(message)
}

process.on('message', (number: number) => {
  const startedNs = process.hrtime.bigint()
  ledger.append({ stream: 'latency', type: 'number', payload: { number } }).then(
    ({ entry }) => {
      send({
        hash: entry.hash,
        startedNs: String(startedNs),
        appendMs: Number(process.hrtime.bigint() - startedNs) / 1e6
      })
    },
    (error: unknown) => {
      throw error
    }
  )
})
process.on('disconnect', () => {
  Promise.all([ledger.close(), plain.stop()]).then(
    () => {
      process.exit()
    },
    () => {
      process.exit(1)
    }
  )
})
send({ ledger: ledger.id, addr: ledger.parts.peerNetwork!.host.addrs()[0]!, plainAddr: plain.host.addrs()[0]! })
