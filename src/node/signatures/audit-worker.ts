/** Worker thread: decides signatures by ZIP 215 off the main thread. In: {id, work}; out: {id, valid[]}. */
import { parentPort } from 'node:worker_threads'
import type { Header } from '../../core/header.js'
import { fromHex } from '../../core/hash.js'
import { signingInput, verifySignature } from '../../core/signature.js'
import type { Work } from './verifier.js'

parentPort!.on('message', ({ id, work }: { id: number; work: Work }) => {
  const valid = Array.isArray(work)
    ? work.map(({ key, message, signature }) => verifySignature(key, message, signature))
    : work.items.map(({ at, headerAt, end }) =>
        isSigned(work.bytes.subarray(headerAt, end), work.bytes.subarray(at, headerAt))
      )
  parentPort!.postMessage({ id, valid })
})

function isSigned(header: Uint8Array, signature: Uint8Array): boolean {
  // a stored header: its grammar was checked before it was stored
  const { key } = JSON.parse(Buffer.from(header.buffer, header.byteOffset, header.length).toString()) as Header
  return verifySignature(fromHex(key), signingInput('entry', header), signature)
}
