/** Worker thread: decides signatures by ZIP 215 off the main thread. In: {id, items}; out: {id, valid[]}. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import type { Header } from '../core/header.js'
import { fromHex } from '../core/hash.js'
import { signingInput, verifySignature } from '../core/signature.js'
import type { WorkItem } from './verifier.js'

/** The nice value of this thread. */
const PRIORITY = 10

// Linux counts priorities per thread: entries that arrive come before the audit of those that are stored. Elsewhere all threads of a process have one.
if (process.platform === 'linux') setPriority(PRIORITY)

parentPort!.on('message', ({ id, items }: { id: number, items: WorkItem[] }) => {
  parentPort!.postMessage({ id, valid: items.map(isValid) })
})

function isValid (item: WorkItem): boolean {
  if ('message' in item) return verifySignature(item.key, item.message, item.signature)
  // a stored header: its grammar was checked before it was stored
  const { key } = JSON.parse(Buffer.from(item.header).toString()) as Header
  return verifySignature(fromHex(key), signingInput('entry', item.header), item.signature)
}
