/** Who may read a ledger, from its own entries. */
import type { LedgerId } from './ledger-id.js'
import type { AccessMeta, AccessScope } from './ledger-types.js'

/**
 * What a reader may want. `know`: that the ledger exists, with what checks an answer about it (head, key entries,
 * evidence, proofs); `sync`: ranges, payloads, being told of new heads; `query`: having questions answered.
 */
export type Access = 'know' | 'sync' | 'query'

export interface AccessRules {
  grants: Map<LedgerId, AccessScope>
  /** Revoked by name and not granted since: trust does not let them in. */
  revoked: Set<LedgerId>
  /** 1–1000: ledgers that the owner trusts at least so much may read too, with scope `full`; null: only the granted. */
  trustMilli: number | null
}

export function noAccess(): AccessRules {
  return { grants: new Map(), revoked: new Set(), trustMilli: null }
}

/** One more ledger.access entry, in chain order: the latest word on a ledger counts. */
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
 * One more ledger.access entry of the branch that is held, from what evidence disputes: it takes away, and gives
 * nothing (R6). Two scopes of which neither is within the other leave nothing.
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
