import { decodeSigned } from '../../core/entry.js'
import { fromHex, type Hash } from '../../core/hash.js'
import { decodeIndexFault } from '../../core/lmx1/index-fault.js'

/** The hashes of the index entry and of the entries that a file quotes; the file has been verified. */
export function quotedBy(bytes: Uint8Array): Hash[] {
  const { index, entries } = decodeIndexFault(bytes)
  return [index, ...entries].map(
    ({ header, signature }) => decodeSigned({ header: Buffer.from(header), signature: fromHex(signature) }).hash
  )
}
