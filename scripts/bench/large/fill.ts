/** A process: fills an author's ledger, so that the one who measures stays small. Arguments: folder, entries. */
import { join } from 'node:path'
import { createLedger } from '../../../src/node/create-ledger.js'
import { recordBatches } from '../records.js'

const BATCH = 1000

const [folder, count] = [process.argv[2]!, Number(process.argv[3])]
const ledger = await createLedger({ dataDir: join(folder, 'author'), name: 'bench' })
for await (const batch of recordBatches(count, BATCH)) {
  await ledger.appendBatch(batch)
  process.send!(ledger.parts.ledgers.own.size)
}
await ledger.close()
process.exit()
