/** What a caller may ask to be appended. */
import type { Json, JsonObject } from '../core/canonical.js'
import { LedgermeshError } from '../core/errors.js'
import { isName, isObject } from '../core/grammar.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { isReservedType } from '../core/ledger-types.js'
import { MAX_REFERENCES } from '../core/limits.js'
import { REFERENCE_TYPES, type ReferenceType } from '../core/reference.js'

/** A hash that is given is kept as it is; otherwise the entry is looked up. */
export interface ReferenceInput { ledgerId: LedgerId, entryId: string, referenceType: ReferenceType, entryHash?: Hash | null | undefined }

export interface AppendInput {
  /** Default: a UUIDv7. A second use with the same stream, type, issuer, subject and payload returns the stored entry. */
  id?: string | undefined
  stream: string
  type: string
  issuer_oid?: string | null | undefined
  subject_oid?: string | null | undefined
  /** Any JSON; null and absent both mean: no payload. */
  payload?: Json | undefined
  meta?: JsonObject | undefined
  /** Becomes `meta.crossLedgerRefs`; give one or the other. */
  references?: ReferenceInput[] | undefined
  /** ms since the epoch; default: now. */
  timestamp?: number | undefined
}

export interface AppendOptions {
  /** References that cannot be resolved are written with `entryHash` null; otherwise they refuse the append. */
  allowUnresolved?: boolean
}

/** The caller may write reserved types and `meta.sync` (the node's own entries). */
export type Authority = 'caller' | 'node'

/** Refuses what generic append must not write. Throws RESERVED_TYPE or MALFORMED; the rest is the header's grammar. */
export function checkInput (input: AppendInput, authority: Authority): void {
  if (input.id !== undefined && !isName(input.id)) throw new LedgermeshError('MALFORMED', 'id is 1 to 128 bytes without control characters')
  if (!isName(input.stream)) throw new LedgermeshError('MALFORMED', 'stream is 1 to 128 bytes without control characters')
  if (!isName(input.type)) throw new LedgermeshError('MALFORMED', 'type is 1 to 128 bytes without control characters')
  if (input.meta !== undefined && !isObject(input.meta)) throw new LedgermeshError('MALFORMED', 'meta is an object')
  if (authority === 'caller') {
    if (isReservedType(input.type)) throw new LedgermeshError('RESERVED_TYPE', `type ${input.type} is reserved`)
    if (input.meta?.sync !== undefined) throw new LedgermeshError('RESERVED_TYPE', 'meta.sync is written by adopt only')
  }
  if (input.references !== undefined && input.meta?.crossLedgerRefs !== undefined) throw new LedgermeshError('MALFORMED', 'give references or meta.crossLedgerRefs, not both')
}

/** The references of an input, however they were given. Throws MALFORMED. */
export function referencesOf (input: AppendInput): ReferenceInput[] {
  const references: unknown = input.references ?? input.meta?.crossLedgerRefs ?? []
  if (!Array.isArray(references) || references.length > MAX_REFERENCES || !references.every(isReferenceInput)) {
    throw new LedgermeshError('MALFORMED', `references: at most ${MAX_REFERENCES} of {ledgerId, entryId, referenceType: ${REFERENCE_TYPES.join(' | ')}, entryHash?}`)
  }
  return references
}

function isReferenceInput (value: unknown): value is ReferenceInput {
  return isObject(value) && typeof value.ledgerId === 'string' && typeof value.entryId === 'string' && REFERENCE_TYPES.includes(value.referenceType as ReferenceType)
}
