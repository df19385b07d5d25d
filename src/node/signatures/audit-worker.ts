/** A worker thread: decides signatures by ZIP 215 off the main thread. In: {id, work}; out: {id, valid[]}. */
import { parentPort } from 'node:worker_threads'
import { fromHex } from '../../core/hash.js'
import { signingInput, verifySignature } from '../../core/signature.js'
import type { Work } from './check-thread.js'
import { keyOfStored } from './key-of-stored.js'

parentPort!.on('message', ({ id, work }: { id: number; work: Work }) => {
  const valid = Array.isArray(work)
    ? work.map(({ key, message, signature }) => verifySignature(key, message, signature))
    : work.items.map(({ at, headerAt, end }) =>
        isSigned(work.bytes.subarray(headerAt, end), work.bytes.subarray(at, headerAt))
      )
  parentPort!.postMessage({ id, valid })
})

function isSigned(header: Uint8Array, signature: Uint8Array): boolean {
  return verifySignature(fromHex(keyOfStored(header)), signingInput('entry', header), signature)
}
