import type { Json } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { isHash, type Hash } from './hash.js'
import { hasExactly, isName } from './grammar.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { MAX_REFERENCES } from './limits.js'

export const REFERENCE_TYPES = ['source', 'derived', 'related', 'transaction'] as const
export type ReferenceType = typeof REFERENCE_TYPES[number]

/** A pointer to an entry in another ledger (or in the own one). The hash decides; the id is a hint. */
export interface Reference {
  ledgerId: LedgerId
  entryId: string
  /** null: the target could not be resolved when this was written. */
  entryHash: Hash | null
  referenceType: ReferenceType
}

/** meta.sync: where an adopted entry came from. */
export interface SyncMark {
  source: LedgerId
  originalId: string
  originalHash: Hash
}

export function isReference (value: unknown): value is Reference {
  return hasExactly(value, ['entryHash', 'entryId', 'ledgerId', 'referenceType']) &&
    isLedgerId(value.ledgerId) && isName(value.entryId) && (value.entryHash === null || isHash(value.entryHash)) &&
    REFERENCE_TYPES.includes(value.referenceType as ReferenceType)
}

/** Part of the header's grammar: absent, or a list of references. */
export function checkReferences (references: Json | undefined): void {
  if (references === undefined) return
  if (!Array.isArray(references) || references.length > MAX_REFERENCES || !references.every(isReference)) {
    throw new LedgermeshError('MALFORMED', 'header: meta.crossLedgerRefs')
  }
}

/** Part of the header's grammar: absent, or exactly one mark. */
export function checkSyncMark (mark: Json | undefined): void {
  if (mark === undefined) return
  if (!hasExactly(mark, ['originalHash', 'originalId', 'source']) || !isLedgerId(mark.source) || !isName(mark.originalId) || !isHash(mark.originalHash)) {
    throw new LedgermeshError('MALFORMED', 'header: meta.sync')
  }
}
