/** Trust as it is asked: the own ledger's acts, and answers with names and reasons. */
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

/** A level with names, the path that it comes from and what that rests on. */
export interface TrustAnswer extends TrustLevelAnswer {
  fromName: string | null
  toName: string | null
  valid: boolean
  direct: boolean
  path: TrustStep[]
  /** Whose words were used: entries of each that are held, and how long ago (ms) that was known to be all. */
  ledgers: { ledger: LedgerId; name: string | null; size: number; age: number }[]
  /** Ledgers of this answer against which evidence is kept. Excused and contested evidence takes nothing away. */
  evidence: { ledger: LedgerId; name: string | null; state: EvidenceState }[]
  /** ms since the epoch; null: for as long as nobody says anything new. */
  validUntil: number | null
  /** Why the level is 0. */
  reason: { code: string; explanation: string } | null
}

/**
 * The own ledger's words about others, and what all words together say. Acts sign an entry of the own ledger and answer
 * with it.
 */
export interface TrustApi {
  attest: (input: AttestInput) => Promise<LedgerEntry>
  revoke: (which: { attestation: Hash } | { ledger: LedgerId }) => Promise<LedgerEntry>
  accept: (attestation: Hash) => Promise<LedgerEntry>
  verify: (attestation: Hash, confirmed?: boolean) => Promise<LedgerEntry>
  level: (question: TrustQuestion) => Promise<TrustLevelAnswer>
  /** `level` with the path, what it rests on, and how long it holds. */
  explain: (question: TrustQuestion) => Promise<TrustAnswer>
  list: (filter?: { issuer?: LedgerId; subject?: LedgerId; limit?: number }) => Promise<Attestation[]>
  /**
   * What connected peers hold of attestations about a ledger or by it: hints at issuers worth following by their
   * headers.
   */
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
   * Does it count here: is its issuer held, and does it say so still? Otherwise follow the issuer, headers are enough.
   */
  counts: boolean
  /** Who showed it. */
  peers: string[]
}

/** What the own ledger is to say about another one. */
export interface AttestInput {
  /** The ledger that is trusted so far. */
  ledger: LedgerId
  /** 0–1000. */
  levelMilli: number
  /** Default `partial`: it may sync and query, and vouches for nobody. */
  kind?: TrustKind
  /** Hops that a path may have behind the ledger, 0–3; for `full` only, whose default is 1. */
  depth?: number
  /** ms since the epoch, in the future; null or absent: until revoked. */
  expires?: number | null
}

/** An attestation as it stands: the newest of its issuer about its subject, not revoked. */
export interface Attestation extends Omit<AttestationView, 'type'> {
  /** Is it past its time? */
  expired: boolean
}

/** An explanation; `valid`: is the level above 0? */
export type ChainAnswer = TrustExplanation & { valid: boolean }
