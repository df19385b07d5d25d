/** Decides who may read a ledger, from the entries of that ledger alone. */
import type { LedgerId } from './ledger-id.js'
import type { AccessMeta, AccessScope } from './ledger-types.js'

/**
 * The rights of a reader. `know`: that the ledger exists, and what an answer about it is checked against (head, key
 * entries, evidence, proofs); `sync`: ranges, payloads, announcements of new heads; `query`: answers to queries.
 */
export type Access = 'know' | 'sync' | 'query'

export interface AccessRules {
  grants: Map<LedgerId, AccessScope>
  /** Ledgers whose access was revoked and not granted since: trust gives them no access. */
  revoked: Set<LedgerId>
  /**
   * 1–1000: ledgers that the owner trusts at least this much may read too, with scope `full`; null: only ledgers that
   * were granted access.
   */
  trustMilli: number | null
}

export function noAccess(): AccessRules {
  return { grants: new Map(), revoked: new Set(), trustMilli: null }
}

/** Applies one more ledger.access entry, in chain order: the latest statement about a ledger counts. */
export function applyAccess(rules: AccessRules, meta: AccessMeta): void {
  for (const ledger of meta.revoke) {
    rules.grants.delete(ledger)
    rules.revoked.add(ledger)
  }
  for (const { ledger, scope } of meta.grant) {
    rules.revoked.delete(ledger)
    rules.grants.set(ledger, scope)
  }
  rules.trustMilli = meta.trust_milli
}

/**
 * Applies a ledger.access entry of the held branch that evidence disputes: it can remove access but not give it (R6).
 * When neither of two scopes contains the other, no access is left.
 */
export function restrictAccess(rules: AccessRules, meta: AccessMeta): void {
  for (const ledger of meta.revoke) {
    rules.grants.delete(ledger)
    rules.revoked.add(ledger)
  }
  for (const { ledger, scope } of meta.grant) {
    const had = rules.grants.get(ledger)
    if (had === undefined || scope === had || scope === 'full') continue
    if (had === 'full') rules.grants.set(ledger, scope)
    else {
      rules.grants.delete(ledger)
      rules.revoked.add(ledger)
    }
  }
  if (rules.trustMilli !== null)
    rules.trustMilli = meta.trust_milli === null ? null : Math.max(rules.trustMilli, meta.trust_milli)
}

export function scopeAllows(scope: AccessScope, access: Access): boolean {
  return access === 'know' || scope === 'full' || scope === `${access}-only`
}
