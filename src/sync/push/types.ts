/** The vocabulary of push: which peers may offer what, and how much of a ledger each remote has stored. */
import type { LedgerId } from '../../core/ledger-id.js'

export const ACCEPT_RULES = ['nobody', 'ask', 'trusted', 'members', 'anyone'] as const
/**
 * Which offers make this node follow a ledger: none; any, after the operator accepts; those of trusted ledgers; of
 * members of the network; any.
 */
export type AcceptRule = (typeof ACCEPT_RULES)[number]

export const POOLS = ['anyone', 'trusted', 'tokens', 'remotes'] as const
/** The pool whose places a pushed ledger takes: one pool cannot fill the places of another. */
export type Pool = (typeof POOLS)[number]

export const OFFER_REASONS = [
  'NOT_WANTED',
  'UNTRUSTED',
  'PAUSED',
  'FROZEN',
  'WRONG_NETWORK',
  'QUOTA',
  'ADOPT_NOT_OFFERED',
  'PRIVATE_INTO_PUBLIC',
  'STORE_FAILED',
  'UPGRADE_NEEDED',
  'TOKEN_INVALID',
  'FILTERED',
  'NO_PAYLOAD',
  'ERASED',
  'RESERVED',
  'IS_COPY',
  'ID_TAKEN',
  'TOO_LARGE',
  'HOOK',
  'OTHER'
] as const
/** Why an offer, or its transfer, stopped (section 5 of push's SPEC). OTHER: a reason of a later version. */
export type OfferReason = (typeof OFFER_REASONS)[number]

export const PUSH_CODES = [
  'NO_CONNECTION', // no node of the remote is connected
  'SCHEDULED', // outside of the times at which it is pushed
  'QUEUED', // it will be offered
  'MANUAL', // it is offered when somebody says so
  'OFFERED', // offered, not decided
  'FETCHING', // accepted: it is being fetched
  'PENDING', // the remote's operator is asked
  'DENIED', // the remote takes no offers from this node
  'REMOTE_UNTRUSTED', // the own ledger does not trust the remote enough
  'NOT_A_READER', // private, and the remote may not read it
  'BUSY', // the remote has no place now
  'FAILED', // the session failed
  'DIFFERS', // the remote holds another branch
  'TOO_MANY_REFUSED', // it refuses more entries than are kept apart
  ...OFFER_REASONS
] as const
/** Why a ledger is not confirmed yet by a remote. Every one has a sentence in codes.ts. */
export type PushCode = (typeof PUSH_CODES)[number]

export const OFFER_MODES = ['mirror', 'adopt', 'either'] as const
/** What a remote is asked to do with a ledger: keep it as it is, adopt its entries, or whichever it likes. */
export type OfferMode = (typeof OFFER_MODES)[number]

/** How far one remote has confirmed one ledger. A receipt is the remote's claim. */
export interface Flow {
  ledger: LedgerId
  remote: LedgerId
  /** Number of entries, from 0, that the remote claims to have on its disk, and that are ours. */
  durable: number
  /** The remote's store when it said so, 32 hex digits; null: it never did. */
  store: string | null
  /** null: all of it is confirmed. */
  code: PushCode | null
  /** Failed offers in a row. */
  attempts: number
  /**
   * When it was last offered, and when it is offered again at the latest, ms since the epoch; null: never, or when
   * something changes.
   */
  last: number | null
  next: number | null
}
