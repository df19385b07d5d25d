/** The trust operations: the own ledger's acts, and answers with names and reasons. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { TrustKind } from '../../trust/attestation.js'
import type { AttestationView } from '../../trust/graph.js'
import type { EvidenceState } from './evidence.js'
import type { TrustExplanation, TrustStep } from '../../trust/paths.js'

/** Default `from`: the own ledger. Default `at`: now; ms since the epoch. */
export interface TrustQuestion {
  to: LedgerId
  from?: LedgerId
  at?: number
}

/** How far `from` trusts `to`, 0–1000; `kind` of the last attestation on the way, null: none. */
export interface TrustLevelAnswer {
  from: LedgerId
  to: LedgerId
  level_milli: number
  kind: TrustKind | null
}

/** A level with names, its path and the attestations of that path. */
export interface TrustAnswer extends TrustLevelAnswer {
  fromName: string | null
  toName: string | null
  valid: boolean
  direct: boolean
  path: TrustStep[]
  /**
   * The ledgers whose attestations were used: how many entries of each are held, and how long ago (ms) these were known
   * to be all.
   */
  ledgers: { ledger: LedgerId; name: string | null; size: number; age: number }[]
  /** Ledgers of this answer against which evidence is kept. Excused and contested evidence has no effect. */
  evidence: { ledger: LedgerId; name: string | null; state: EvidenceState }[]
  /** ms since the epoch; null: until a new attestation or revocation. */
  validUntil: number | null
  /** Why the level is 0. */
  reason: { code: string; explanation: string } | null
}

/**
 * The own ledger's attestations, and the trust that follows from all attestations. Acts sign an entry of the own ledger
 * and return it.
 */
export interface TrustApi {
  attest: (input: AttestInput) => Promise<LedgerEntry>
  revoke: (which: { attestation: Hash } | { ledger: LedgerId }) => Promise<LedgerEntry>
  accept: (attestation: Hash) => Promise<LedgerEntry>
  verify: (attestation: Hash, confirmed?: boolean) => Promise<LedgerEntry>
  level: (question: TrustQuestion) => Promise<TrustLevelAnswer>
  /** `level` with the path, its attestations, and how long it is valid. */
  explain: (question: TrustQuestion) => Promise<TrustAnswer>
  list: (filter?: { issuer?: LedgerId; subject?: LedgerId; limit?: number }) => Promise<Attestation[]>
  /** Attestations about or by a ledger that connected peers hold: hints at issuers worth following by their headers. */
  find: (wanted: { about: LedgerId } | { by: LedgerId }) => Promise<AttestationHint[]>
}

/** An attestation that peers showed. */
export interface AttestationHint {
  issuer: LedgerId
  subject: LedgerId
  hash: Hash
  level_milli: number
  kind: TrustKind
  depth: number
  expires: number | null
  /** Was the subject's acceptance shown with it? */
  accepted: boolean
  /**
   * Does it count here: is its issuer held, and is it still in force there? Otherwise follow the issuer; headers are
   * enough.
   */
  counts: boolean
  /** The peers that showed it. */
  peers: string[]
}

/** The attestation of the own ledger about another one. */
export interface AttestInput {
  /** The ledger that is trusted. */
  ledger: LedgerId
  /** 0–1000. */
  levelMilli: number
  /** Default `partial`: it may sync and query, but its own attestations do not count. */
  kind?: TrustKind
  /** Hops that a path may continue after the ledger, 0–3; only for `full`, whose default is 1. */
  depth?: number
  /** ms since the epoch, in the future; null or absent: until revoked. */
  expires?: number | null
}

/** A current attestation: the newest of its issuer about its subject, not revoked. */
export interface Attestation extends Omit<AttestationView, 'type'> {
  /** Has it expired? */
  expired: boolean
}

/** An explanation; `valid`: is the level above 0? */
export type ChainAnswer = TrustExplanation & { valid: boolean }
