/** Who may read the own ledger, who may connect, and who was refused what. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AccessScope } from '../../core/ledger-types.js'

/**
 * What `ledger.access` changes of who may read a private ledger; what is absent stays. Each change is a signed entry.
 */
export interface AccessChange {
  grant?: { ledger: LedgerId; scope: AccessScope }[]
  revoke?: LedgerId[]
  /** Omitted: unchanged. */
  trustMilli?: number | null
}

/** A ledger whose nodes may read the own one. */
export interface Reader {
  ledger: LedgerId
  scope: AccessScope
  name: string | null
  /** Are its headers held here? Without them its nodes cannot prove whose they are: follow it. */
  held: boolean
}

/** Who may read the own ledger. */
export interface AccessReport {
  ledger: LedgerId
  access: 'public' | 'private'
  readers: Reader[]
  /** Kept out whatever trust says. */
  revoked: LedgerId[]
  /** 1–1000: ledgers that the owner trusts at least this much may read too; null: only the readers. */
  trustMilli: number | null
}

/** A peer that an issuer's membership entry admits; `expires` in ms since the epoch, `hash` is the entry's. */
export interface Member {
  peer: string
  issuer: LedgerId
  expires: number
  hash: Hash
}

/** `closed`: only members, and peers on the allow-list, may be connected. */
export interface MembersReport {
  closed: boolean
  issuers: LedgerId[]
  members: Member[]
}

export const REFUSAL_REASONS = [
  'NOT_A_READER', // a private ledger that the peer may not read; it heard what it would hear of an unknown one
  'SCOPE', // a reader that asked for more than its scope allows; it heard DENIED
  'NOT_ADMITTED', // not on the allow-list and no member
  'NO_LONGER_ADMITTED' // was connected when its membership ended
] as const

/** Why a peer was refused. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** What a peer was refused, and how often since this node started. */
export interface Refusal {
  peer: string
  /** The ledger that was asked for; null: the connection itself. */
  ledger: LedgerId | null
  reason: RefusalReason
  /** What the peer had proved to be a node of, when it was refused last. */
  reader: LedgerId | null
  count: number
  /** ms since the epoch. */
  first: number
  last: number
}

/** A peer that ended the talk because it does not want us. */
export interface RefusedBy {
  peer: string
  count: number
  first: number
  last: number
}

/** Peers that this node refused, and peers that refused it, since it started. */
export interface RefusalsReport {
  refusals: Refusal[]
  refusedBy: RefusedBy[]
}
