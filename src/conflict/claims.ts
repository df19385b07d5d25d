/** A claim: an entry that a rule matches, as what it says about one key. It follows from the header alone. */
import { canonicalize, type JsonObject } from '../core/canonical.js'
import { sha256Text, type Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import { isReservedType } from '../core/ledger-types.js'
import { referencesIn, syncMarkOf } from '../core/reference.js'
import { KEY_FIELDS, type ConflictRule, type KeyField } from './rule.js'

/** The fields of a rule's key with their values. */
export type ConflictKey = Partial<Record<KeyField, string>>

/** What of a header says whether it is a claim, and on what. */
export type ClaimingHeader = Pick<Header, 'id' | 'stream' | 'type' | 'issuer_oid' | 'subject_oid' | 'meta'>

export interface ClaimOfHeader {
  key: ConflictKey
  id: ConflictId
  /** What the id is the beginning of. */
  digest: Hash
  /** The entry that this one is a copy of; null: it is an original. */
  original: Hash | null
  /**
   * What its author had seen: the targets of its `derived` references. Those of a copy are its original's author's, who
   * is not heard through others.
   */
  seen: Hash[]
}

/** `c` and 32 hex digits: the same on every node that has the rule. */
export type ConflictId = string
const ID_DIGITS = 32

export function isConflictId(value: unknown): value is ConflictId {
  return typeof value === 'string' && /^c[0-9a-f]{32}$/.test(value)
}

export function conflictId(rule: string, key: ConflictKey): ConflictId {
  return idOfDigest(digestOf(rule, key))
}

function idOfDigest(digest: Hash): ConflictId {
  return `c${digest.slice(0, ID_DIGITS)}`
}

function digestOf(rule: string, key: ConflictKey): Hash {
  return sha256Text(`${rule}\0${canonicalize(key)}`)
}

/** null: the entry says nothing about any key of this rule. `ledger`: the one it stands in. */
export function claimOf(rule: ConflictRule, ledger: LedgerId, header: ClaimingHeader): ClaimOfHeader | null {
  if (isReservedType(header.type) || !isMatched(rule, header) || !isInScope(rule, ledger)) return null
  const copied = syncMarkOf(header.meta)
  const key = keyOf(rule.key, copied === null ? header : { ...header, id: copied.originalId })
  if (key === null) return null
  const digest = digestOf(rule.name, key)
  return {
    key,
    id: idOfDigest(digest),
    digest,
    original: copied?.originalHash ?? null,
    seen: copied === null ? derivedTargets(header) : []
  }
}

export function isInScope({ scope }: ConflictRule, ledger: LedgerId): boolean {
  return scope === 'held' || scope.includes(ledger)
}

/**
 * Only kind `derived` says that its author had seen the other entry and built on it; a citation is no edge. The hash
 * decides, never the id beside it.
 */
export function derivedTargets({ meta }: { meta: JsonObject }): Hash[] {
  const targets: Hash[] = []
  for (const { referenceType, entryHash } of referencesIn(meta))
    if (referenceType === 'derived' && entryHash !== null && !targets.includes(entryHash)) targets.push(entryHash)
  return targets
}

/** null: one of the fields is null, or absent. */
export function keyOf(
  fields: readonly KeyField[],
  values: Partial<Record<KeyField, string | null>>
): ConflictKey | null {
  const key: ConflictKey = {}
  for (const field of KEY_FIELDS) {
    if (!fields.includes(field)) continue
    const value = values[field]
    if (value == null) return null
    key[field] = value
  }
  return key
}

function isMatched({ match: { streams, types } }: ConflictRule, { stream, type }: ClaimingHeader): boolean {
  return (streams === null || streams.includes(stream)) && (types === null || types.includes(type))
}
