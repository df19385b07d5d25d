/** Worker thread: decides signatures by ZIP 215 off the main thread. In: {id, items}; out: {id, valid[]}. */
import { parentPort } from 'node:worker_threads'
import { verifySignature } from '../core/signature.js'
import type { SignatureItem } from './verifier.js'

parentPort!.on('message', ({ id, items }: { id: number, items: SignatureItem[] }) => {
  parentPort!.postMessage({ id, valid: items.map(({ key, message, signature }) => verifySignature(key, message, signature)) })
})
