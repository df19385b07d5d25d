import { isObject } from '../core/grammar.js'
import { isReference, type Reference } from '../core/reference.js'

/** What a header with references has in it, and few others. */
const MARK = Buffer.from('"crossLedgerRefs"')

/** What a stored header's meta refers to; what is no reference counts for nothing. Throws SyntaxError. */
export function headerReferences(header: Uint8Array): Reference[] {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  if (!bytes.includes(MARK)) return []
  const { meta } = JSON.parse(bytes.toString()) as { meta: unknown }
  const references: unknown = isObject(meta) ? meta.crossLedgerRefs : null
  return Array.isArray(references) ? references.filter(isReference) : []
}
