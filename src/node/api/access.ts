/** Shapes about who may read the own ledger, which peers may connect, and what was refused. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AccessScope } from '../../core/ledger-types.js'

/**
 * A change to who may read a private ledger (`ledger.access`); absent members stay unchanged. Each change is a signed
 * entry.
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
  /** Are its headers held here? Without them its nodes cannot prove that they belong to it: follow it. */
  held: boolean
}

/** Who may read the own ledger. */
export interface AccessReport {
  ledger: LedgerId
  access: 'public' | 'private'
  readers: Reader[]
  /** Ledgers that have no access, whatever their trust. */
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
  'NOT_A_READER', // a private ledger that the peer may not read; it got the answer for an unknown one
  'SCOPE', // a reader that asked for more than its scope allows; it got DENIED
  'NOT_ADMITTED', // not on the allow-list and no member
  'NO_LONGER_ADMITTED' // was connected when its membership ended
] as const

/** Why a peer was refused. */
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** What a peer was refused, and how often, since this node started. */
export interface Refusal {
  peer: string
  /** The ledger that was asked for; null: the connection itself. */
  ledger: LedgerId | null
  reason: RefusalReason
  /** The ledger that the peer had proved to be a node of when it was last refused. */
  reader: LedgerId | null
  count: number
  /** ms since the epoch. */
  first: number
  last: number
}

/** A peer that ended the connection because it does not admit this node. */
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
