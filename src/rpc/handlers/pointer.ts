import { LedgermeshError } from '../../core/errors.js'
import type { EntryPointer } from '../../node/api/node.js'

/** Exactly one of id, hash and seq says which entry is meant. */
export function pointerOf(params: {
  id?: string | undefined
  hash?: string | undefined
  seq?: number | undefined
}): EntryPointer {
  const { id, hash, seq } = params
  const pointers: EntryPointer[] = []
  if (id !== undefined) pointers.push({ id })
  if (hash !== undefined) pointers.push({ hash })
  if (seq !== undefined) pointers.push({ seq })
  if (pointers.length !== 1) throw new LedgermeshError('INVALID_PARAMS', 'give exactly one of id, hash and seq')
  return pointers[0]!
}
