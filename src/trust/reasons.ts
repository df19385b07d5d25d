/** Why a level is 0. Every reason has a sentence, for whoever has to do something about it. */
export const TRUST_REASONS = {
  EVIDENCE: 'There is evidence against this ledger: whatever is attested of it, its level is 0.',
  ASKER_NOT_HELD:
    'The asking ledger is not held here from its first entry on: what it attests and what it revoked is not known.',
  ASKER_EVIDENCE: 'There is evidence against the asking ledger: nothing that it attests counts.',
  ATTESTED_ZERO: 'The asking ledger itself attests level 0; this wins over every path.',
  REVOKED: 'The asking ledger revoked its attestation, and no path leads there.',
  EXPIRED: 'The attestation by the asking ledger has expired, and no path leads there.',
  NO_PATH:
    'No path of at most four attestations leads there that hold, have depth left and are in ledgers held without a gap.'
} as const

/** Why a level is 0: a key of the table `TRUST_REASONS`. */
export type TrustReason = keyof typeof TRUST_REASONS
