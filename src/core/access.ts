/** Who may read a ledger, from its own entries. */
import type { LedgerId } from './ledger-id.js'
import type { AccessMeta, AccessScope } from './ledger-types.js'

export interface AccessRules {
  grants: Map<LedgerId, AccessScope>
  /** 1–1000: ledgers that the owner trusts at least so much may read too; null: only the granted. */
  trustMilli: number | null
}

/** Folds the metas of the ledger.access entries, in chain order: the latest word on a ledger counts. */
export function foldAccess (metas: AccessMeta[]): AccessRules {
  const rules: AccessRules = { grants: new Map(), trustMilli: null }
  for (const meta of metas) {
    for (const ledger of meta.revoke) rules.grants.delete(ledger)
    for (const { ledger, scope } of meta.grant) rules.grants.set(ledger, scope)
    rules.trustMilli = meta.trust_milli
  }
  return rules
}
