/**
 * A process: an author that appends a little all the time, and follows the node under load. Arguments: folder, the
 * node's address, its ledger.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'

export interface PeerReady {
  ledger: string
}

const APPEND_EVERY_MS = 500
const BATCH = 10

const [dataDir, addr, id] = [process.argv[2]!, process.argv[3]!, process.argv[4]!]
const ledger = await createLedger({
  dataDir,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  bootstrap: [addr],
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
await ledger.plugins.sync.follow(id)
process.on('disconnect', () => {
  process.exit()
})
process.send!({ ledger: ledger.id } satisfies PeerReady)
for (let number = 0; ; number += BATCH) {
  await ledger.appendBatch(
    Array.from({ length: BATCH }, (_, i) => ({
      stream: `load-${i}`,
      type: 'number',
      subject_oid: `oid:load:${i}`,
      payload: { number: number + i, text: 'x'.repeat(500) }
    }))
  )
  await wait(APPEND_EVERY_MS)
}
