/** A process: a whole node that copies a ledger, and says how long it took and how large it grew. Arguments: folder, author's address, ledger, entries. */
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/sync-plugin.js'

/** Bytes; `storedMs` counts from `follow`. */
export interface CaughtUp { storedMs: number, rssBefore: number, peakRss: number }

const POLL_MS = 20

const [dataDir, addr, id, size] = [process.argv[2]!, process.argv[3]!, process.argv[4]!, Number(process.argv[5])]
const ledger = await createLedger({ dataDir, listen: ['/ip4/127.0.0.1/tcp/0'], plugins: [interoperabilityPlugin(), syncPlugin()] })
await ledger.plugins.interoperability.connect(addr)
const rssBefore = process.memoryUsage.rss()
const started = performance.now()
await ledger.plugins.sync.follow(id)
const mirror = ledger.parts.ledgers.get(id)!
let peakRss = 0
while (mirror.size < size) {
  peakRss = Math.max(peakRss, process.memoryUsage.rss())
  await wait(POLL_MS)
}
const result: CaughtUp = { storedMs: performance.now() - started, rssBefore, peakRss }
await ledger.close()
process.send!(result)
process.on('disconnect', () => { process.exit() })
