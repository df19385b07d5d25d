/**
 * Is a second append with an id the same entry again? (FAULTS R8: equality compares what the caller gave: the payload
 * under the stored salt, canonical meta without crossLedgerRefs, references in order by ledger, id and kind, a
 * reference's hash and the timestamp only when given.)
 */
import { canonicalize, type JsonObject } from '../../core/canonical.js'
import type { Entry } from '../../core/entry.js'
import { referencesIn, type Reference } from '../../core/reference.js'
import type { ReadInput } from './append-input.js'

/**
 * The members that differ; an empty list: none. A payload that is not held (erased) cannot be compared, so it counts as
 * different.
 */
export function differences({ header, raw }: Entry, input: ReadInput): string[] {
  const { crossLedgerRefs: _references, ...meta } = header.meta
  const same = {
    stream: header.stream === input.stream,
    type: header.type === input.type,
    issuer_oid: header.issuer_oid === input.issuer_oid,
    subject_oid: header.subject_oid === input.subject_oid,
    payload: isSamePayload(header.payload_hash, raw.payload, input.payload),
    meta: canonicalize(meta as JsonObject) === input.meta,
    references: areSameReferences(referencesIn(header.meta), input.references),
    timestamp: input.timestamp === undefined || header.timestamp === input.timestamp
  }
  return Object.entries(same)
    .filter(([, is]) => !is)
    .map(([member]) => member)
}

function isSamePayload(hash: string | null, stored: Uint8Array | null, given: string | null): boolean {
  if (hash === null || given === null) return hash === null && given === null
  if (stored === null) return false
  const { salt } = JSON.parse(Buffer.from(stored).toString()) as { salt: string }
  return Buffer.from(`{"payload":${given},"salt":"${salt}"}`).equals(stored)
}

function areSameReferences(stored: Reference[], given: ReadInput['references']): boolean {
  return (
    stored.length === given.length &&
    stored.every(({ ledgerId, entryId, referenceType, entryHash }, index) => {
      const one = given[index]!
      return (
        one.ledgerId === ledgerId &&
        one.entryId === entryId &&
        one.referenceType === referenceType &&
        (one.entryHash == null || one.entryHash === entryHash)
      )
    })
  )
}
