/** What trust allows. The asker evaluates it, never the asked. */
import type { LedgerId } from '../core/ledger-id.js'
import type { AttestationStatement, TrustKind } from './attestation.js'
import type { TrustGraph } from './graph.js'
import type { TrustLevel } from './paths.js'

/** Get ranges of entries; ask and answer queries; have one's own attestations counted. */
export type TrustPurpose = 'sync' | 'query' | 'vouch'

const ALLOWED: Record<TrustKind, TrustPurpose[]> = {
  full: ['sync', 'query', 'vouch'],
  partial: ['sync', 'query'],
  'query-only': ['query'],
  'sync-only': ['sync']
}

export function allows(kind: TrustKind, purpose: TrustPurpose): boolean {
  return ALLOWED[kind].includes(purpose)
}

/** Level 0 meets no rule, not even one that asks for nothing: it is either distrust or a stranger. */
export function meets(trust: TrustLevel, rule: { minMilli: number; purpose: TrustPurpose }): boolean {
  return (
    trust.kind !== null &&
    trust.level_milli > 0 &&
    trust.level_milli >= rule.minMilli &&
    allows(trust.kind, rule.purpose)
  )
}

/**
 * May this node pass an attestation on to others? Only what a ledger says that it follows, or what the subject has
 * accepted: so whoever floods the network with attestations of others has to be followed by somebody first. Null: no.
 */
export function relayReason(
  graph: TrustGraph,
  attestation: AttestationStatement,
  follows: (ledger: LedgerId) => boolean
): 'followed' | 'accepted' | null {
  if (follows(attestation.issuer)) return 'followed'
  return graph.accepted(attestation) ? 'accepted' : null
}
