/**
 * A process: a whole node that copies a ledger, and says how long it took and how large it grew. Arguments: folder,
 * author's address, ledger, entries.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'

/**
 * Bytes; `storedMs` counts from `follow`. `private`: without the database's files, which the kernel maps and takes back
 * as it likes.
 */
export interface CaughtUp {
  storedMs: number
  peakRss: number
  peakPrivate: number
}

const POLL_MS = 50

const [dataDir, addr, id, size] = [process.argv[2]!, process.argv[3]!, process.argv[4]!, Number(process.argv[5])]
const ledger = await createLedger({
  dataDir,
  listen: ['/ip4/127.0.0.1/tcp/0'],
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
await ledger.plugins.interoperability.connect(addr)
const started = performance.now()
await ledger.plugins.sync.follow(id)
const mirror = ledger.parts.ledgers.get(id)!
let peakRss = 0
let peakPrivate = 0
while (mirror.size < size) {
  const rss = process.memoryUsage.rss()
  peakRss = Math.max(peakRss, rss)
  peakPrivate = Math.max(peakPrivate, (await privateBytes()) ?? rss)
  await wait(POLL_MS)
}
const result: CaughtUp = { storedMs: performance.now() - started, peakRss, peakPrivate }
await ledger.close()
process.send!(result)
process.on('disconnect', () => {
  process.exit()
})

/** null: this system does not say. */
async function privateBytes(): Promise<number | null> {
  try {
    const kib = /^RssAnon:\s+(\d+) kB$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) * 1024
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
