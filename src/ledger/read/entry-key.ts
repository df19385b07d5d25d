import { LedgermeshError } from '../../core/errors.js'
import { isHash, type Hash } from '../../core/hash.js'
import { readOneOf } from '../../core/options.js'

/**
 * Names an entry of a ledger, by exactly one of: its id (the lowest seq that has it), its hash (64 hex digits), or its
 * place.
 */
export type EntryKey = { id: string } | { hash: Hash } | { seq: number }

/** Reads a caller's name for an entry; a string is its id. Throws INVALID_PARAMS. */
export function readEntryKey(given: unknown): EntryKey {
  if (typeof given === 'string') return { id: given }
  const { name, value } = readOneOf(given, ['id', 'hash', 'seq'])
  if (name === 'id' && typeof value === 'string') return { id: value }
  if (name === 'hash' && isHash(value)) return { hash: value }
  if (name === 'seq' && Number.isSafeInteger(value)) return { seq: value as number }
  throw new LedgermeshError('INVALID_PARAMS', 'an id is a string, a hash 64 hex digits, a seq a whole number')
}
