/** The references of a stored header; for an adopted entry, also to its original. */
import { isObject } from '../../core/grammar.js'
import { isSyncMark, type Reference } from '../../core/reference.js'
import { headerReferences } from '../../store/header-references.js'

/** A byte sequence that the header of every copy contains, and few others. */
const MARK = Buffer.from('"originalHash"')

/** Throws SyntaxError. */
export function entryReferences(header: Uint8Array): Reference[] {
  return [...headerReferences(header), ...originOf(header)]
}

function originOf(header: Uint8Array): Reference[] {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  if (!bytes.includes(MARK)) return []
  const { meta } = JSON.parse(bytes.toString()) as { meta: unknown }
  const mark: unknown = isObject(meta) ? meta.sync : null
  if (!isSyncMark(mark)) return []
  const { source, originalId, originalHash } = mark
  return [{ ledgerId: source, entryId: originalId, entryHash: originalHash, referenceType: 'source' }]
}
