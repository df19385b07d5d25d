/** Entries: what is appended, what is answered, and references. */
import { z } from 'zod'
import { MAX_REFERENCES } from '../../../core/limits.js'
import { REFERENCE_TYPES } from '../../../core/reference.js'
import { hash, integer, json, jsonObject, ledgerHandle, ledgerId, name, timestamp } from './primitives.js'

export const referenceInput = z.strictObject({
  ledgerId: ledgerHandle,
  entryId: name,
  referenceType: z.enum(REFERENCE_TYPES),
  entryHash: hash.nullable().exactOptional()
})
export const references = z.array(referenceInput).max(MAX_REFERENCES)

export const verifiedReference = z.object({
  ledgerId,
  entryId: z.string(),
  entryHash: hash.nullable(),
  referenceType: z.enum(REFERENCE_TYPES),
  state: z.enum(['resolved', 'unresolved', 'contradicted']),
  checked: z.boolean(),
  held: z.object({ ledgerId, entryId: z.string(), entryHash: hash }).nullable()
})

export const expect = z.strictObject({ rule: z.string().min(1).max(64), siblings: z.array(hash).max(MAX_REFERENCES) })

/** An entry to append; null members count as absent. */
export const appendInput = z.strictObject({
  stream: name,
  type: name,
  payload: json.exactOptional(),
  issuer_oid: name.nullable().exactOptional(),
  subject_oid: name.nullable().exactOptional(),
  id: name.nullable().exactOptional(),
  references: references.nullable().exactOptional(),
  meta: jsonObject.nullable().exactOptional(),
  timestamp: timestamp.nullable().exactOptional()
})

export const entry = z.object({
  id: z.string(),
  ledger: ledgerId,
  seq: integer,
  stream: z.string(),
  type: z.string(),
  issuer_oid: z.string().nullable(),
  subject_oid: z.string().nullable(),
  timestamp: integer,
  payload: json,
  payload_state: z.enum(['present', 'erased', 'filtered', 'missing', 'malformed', 'withheld']),
  meta: jsonObject,
  prev_hash: hash.nullable(),
  hash,
  signature: z.string(),
  adopted: ledgerId.nullable(),
  checked: z.boolean(),
  conflicts: z.array(z.string()).optional(),
  raw: z.object({ header: z.string(), payload: z.string().nullable(), signature: z.string() })
})

export const verifiedCopy = z.object({
  source: ledgerId,
  originalId: z.string(),
  originalHash: hash,
  state: z.enum(['verified', 'disputed', 'voided', 'unverified', 'false']),
  differs: z.array(z.string())
})

export const appended = z.object({ entry, existing: z.boolean() })
export const problem = z.object({ code: z.string(), message: z.string() })

/** An entry, as a reference names one. */
export const entryName = z.object({ ledger: ledgerId, id: z.string(), hash: hash.nullable() })
export const referenceStatus = z.enum(['verified', 'proved', 'unresolved', 'contradicted', 'disputed'])
export const namedReference = z.object({
  from: entryName,
  to: entryName,
  type: z.enum(REFERENCE_TYPES),
  status: referenceStatus,
  where: z.enum(['header', 'payload'])
})
export const direction = z.enum(['out', 'in', 'both'])
export const referenceTypes = z.array(z.enum(REFERENCE_TYPES)).min(1).max(REFERENCE_TYPES.length)
