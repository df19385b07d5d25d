import { HASH_BYTES } from '../../core/limits.js'

const KEY = '"key":"'

/**
 * The key that a stored header names, without parsing the rest. The header's grammar was checked before it was stored,
 * so this is the first place that reads like this: only `id` and `issuer_oid` stand before it, and in a text a quote has
 * a backslash before it.
 */
export function keyOfStored(header: Uint8Array): string {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.length)
  const at = bytes.indexOf(KEY, 0, 'latin1') + KEY.length
  return bytes.toString('latin1', at, at + 2 * HASH_BYTES)
}
