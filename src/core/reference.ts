import type { Json, JsonObject } from './canonical.js'
import { LedgermeshError } from './errors.js'
import { isHash, type Hash } from './hash.js'
import { hasExactly, isName, isObject } from './grammar.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { MAX_REFERENCES } from './limits.js'

export const REFERENCE_TYPES = ['source', 'derived', 'related', 'transaction'] as const
/**
 * The relation of an entry to the one that it points to: it comes from it (`source`), replaces or continues it
 * (`derived`), is `related` to it, or is in one `transaction` with it.
 */
export type ReferenceType = (typeof REFERENCE_TYPES)[number]

/** A pointer to an entry in another ledger (or in the own one). The hash decides; the id is a hint. */
export type Reference = {
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

/** null: the entry is an original. */
export function syncMarkOf({ sync }: JsonObject): SyncMark | null {
  return (sync as SyncMark | undefined) ?? null
}

export function isReference(value: unknown): value is Reference {
  return (
    hasExactly(value, ['entryHash', 'entryId', 'ledgerId', 'referenceType']) &&
    isLedgerId(value.ledgerId) &&
    isName(value.entryId) &&
    (value.entryHash === null || isHash(value.entryHash)) &&
    REFERENCE_TYPES.includes(value.referenceType as ReferenceType)
  )
}

/** The references of a decoded header, which the grammar has checked. */
export function referencesIn({ crossLedgerRefs = [] }: JsonObject): Reference[] {
  return crossLedgerRefs as Reference[]
}

/**
 * The references in a payload, which no grammar has checked: a value that is not a list, or a list that is too long,
 * counts as none.
 */
export function referencesInPayload(payload: Json): Reference[] {
  const given: unknown = isObject(payload) ? payload.crossLedgerRefs : undefined
  return Array.isArray(given) && given.length <= MAX_REFERENCES ? given.filter(isReference) : []
}

/** Part of the header's grammar: absent, or a list of references. */
export function checkReferences(references: Json | undefined): void {
  if (references === undefined) return
  if (!Array.isArray(references) || references.length > MAX_REFERENCES || !references.every(isReference)) {
    throw new LedgermeshError('MALFORMED', 'header: meta.crossLedgerRefs')
  }
}

export function isSyncMark(mark: unknown): mark is SyncMark {
  return (
    hasExactly(mark, ['originalHash', 'originalId', 'source']) &&
    isLedgerId(mark.source) &&
    isName(mark.originalId) &&
    isHash(mark.originalHash)
  )
}

/** Part of the header's grammar: absent, or exactly one mark. */
export function checkSyncMark(mark: Json | undefined): void {
  if (mark !== undefined && !isSyncMark(mark)) throw new LedgermeshError('MALFORMED', 'header: meta.sync')
}
