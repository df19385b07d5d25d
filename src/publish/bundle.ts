/** Entries as c2sp.org/tlog-tiles bundles them: each is header ‖ signature, behind its length in two bytes. */
import { decodeSigned, type Entry, type SignedHeader } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { SIGNATURE_BYTES } from '../core/limits.js'

const LENGTH_BYTES = 2

export function encodeBundle(entries: readonly SignedHeader[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const { header, signature } of entries) {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt16BE(header.length + signature.length)
    parts.push(length, header, signature)
  }
  return Buffer.concat(parts)
}

/** Checks the grammar of each entry, not its signature. Throws MALFORMED and the other errors of `decodeEntry`. */
export function decodeBundle(bytes: Uint8Array): Entry[] {
  const entries: Entry[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length;) {
    const end = at + LENGTH_BYTES <= bytes.length ? at + LENGTH_BYTES + view.getUint16(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length || end < at + LENGTH_BYTES + SIGNATURE_BYTES)
      throw new LedgermeshError('MALFORMED', 'a bundle ends within an entry')
    const split = end - SIGNATURE_BYTES
    entries.push(
      decodeSigned({ header: bytes.subarray(at + LENGTH_BYTES, split), signature: bytes.subarray(split, end) })
    )
    at = end
  }
  return entries
}
