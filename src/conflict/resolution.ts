/**
 * A decision, as an entry: type `ledger.resolution`, stream `ledger`, no payload, everything in `meta`, and `derived`
 * references to the siblings it was made about. It is a reserved type that the validity of a chain does not know, and
 * must never know (core/ledger-types.ts, CHECKS): older programs take it in as an unknown one, so what is in it is read
 * leniently, and what does not read is no resolution.
 */
import type { JsonObject } from '../core/canonical.js'
import { isName, isObject } from '../core/grammar.js'
import { isHash, type Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import { syncMarkOf } from '../core/reference.js'
import { conflictId, derivedTargets, keyOf, type ConflictId, type ConflictKey } from './claims.js'
import { KEY_FIELDS, type ConflictRule } from './rule.js'

export const RESOLUTION_TYPE = 'ledger.resolution'

export interface Resolution {
  id: ConflictId
  /** The sibling that holds; null: none of them does. */
  chosen: Hash | null
  note: string
  /** The siblings, and the other resolvers' decisions, that its author had before him. */
  saw: Hash[]
}

export interface ResolutionMeta {
  rule: string
  key: ConflictKey
  chosen: Hash | null
  note: string
}

export function resolutionMeta({ rule, key, chosen, note }: ResolutionMeta): JsonObject {
  return { chosen, key: { ...key }, note, rule }
}

/** null: it is none of this rule. Whether its author is a resolver is not asked here. */
export function resolutionOf(rule: ConflictRule, header: Header): Resolution | null {
  // A copy of somebody's decision decides nothing.
  if (header.type !== RESOLUTION_TYPE || syncMarkOf(header.meta) !== null) return null
  const { rule: name, key: given, chosen, note } = header.meta
  if (name !== rule.name || !isObject(given) || (chosen !== null && !isHash(chosen))) return null
  const named = Object.entries(given)
  if (
    named.length !== rule.key.length ||
    !named.every(([field, value]) => KEY_FIELDS.includes(field as never) && isName(value))
  )
    return null
  const key = keyOf(rule.key, given as ConflictKey)
  return key === null
    ? null
    : {
        id: conflictId(rule.name, key),
        chosen,
        note: typeof note === 'string' ? note : '',
        saw: derivedTargets(header)
      }
}
