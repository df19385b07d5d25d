/** The vocabulary of adoption: entries of a followed ledger are appended again to the own one. */
import type { Json, JsonObject } from '../../core/canonical.js'
import type { Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { Reference } from '../../core/reference.js'

/** Which entries of a source are adopted. */
export type AdoptSettings = {
  /** Entries that match; null: all. */
  filters: SyncFilters | null
  /** The first seq that is adopted; now: entries after the source was first synced. */
  from: number | 'now'
  /** From private into private: also when the own ledger has other readers than the source. */
  acceptReaders: boolean
}

export const ADOPT_CODES = [
  'NOTHING_HELD', // nothing of it is here yet
  'FIRST_SYNC', // it begins at the end of what is there when the source is synced first
  'AUDITING', // the signatures of the rest are being checked
  'FROZEN', // the source is frozen: the rest is disputed
  'PAUSED', // the operator has paused the source
  'UNTRUSTED', // it is not trusted enough now
  'PRIVATE_INTO_PUBLIC', // a private source, a public own ledger
  'READERS_WIDER', // both private, and the own one has readers that the source has not
  'ADOPT_LIMIT', // the source's share of today is used up
  'TOO_MANY_REFUSED', // the own ledger refuses more of it than is listed
  'BUSY', // this node is under load
  'CONFIRMING', // the own ledger may not be signed: its start is not confirmed
  'TWIN', // … another node signs with the same key
  'RESTORING', // … it is pulled back
  'OWN_FROZEN', // … there is evidence against it
  'READ_ONLY', // … there is no key
  'STORE_FAILED', // the disk does not take it
  'OWN_FAILED' // the own ledger refused copies for another reason
] as const
/** Why a source is not adopted any further now. Every one has a sentence in codes.ts. */
export type AdoptCode = (typeof ADOPT_CODES)[number]

/** Why one entry is not adopted, now or ever. */
export type SkipCode = 'RESERVED' | 'IS_COPY' | 'FILTERED' | 'ERASED' | 'MALFORMED'
export const REFUSE_CODES = ['ID_TAKEN', 'TOO_LARGE', 'HOOK'] as const
/** Why the own ledger refuses a copy: its id is another entry's, it is too large, or a hook refuses it. */
export type RefuseCode = (typeof REFUSE_CODES)[number]
/**
 * The outcome of one entry. `existing`: the copy existed already. `skipped`: it is not to be adopted. `waiting`: its
 * payload is not held yet. `refused`: the own ledger does not accept the copy.
 */
export type Outcome =
  | { outcome: 'adopted' | 'existing' }
  | { outcome: 'skipped'; code: SkipCode }
  | { outcome: 'waiting'; code: 'NO_PAYLOAD' }
  | { outcome: 'refused'; code: RefuseCode; message: string }

export type EntryOutcome = { source: LedgerId; seq: number; id: string; hash: Hash; header: Header } & Outcome

/** The payload of an original as it is held here. */
export type HeldPayload =
  | { state: 'none' | 'erased' | 'missing' | 'filtered' | 'malformed' }
  | { state: 'present'; content: Json }

export interface Original {
  header: Header
  hash: Hash
  payload: HeldPayload
  /** Bytes of header and payload. */
  bytes: number
}

/** What is appended to the own ledger. */
export interface CopyInput {
  id: Hash
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  payload: Json
  timestamp: number
  meta: JsonObject
  references: Reference[]
}

/** The progress in a source: number of entries from 0, and the hash of the last of them (null: none). */
export type Place = { at: number; below: Hash | null }

/** Usage of one source since `since`, ms since the epoch. */
export type Day = { since: number; entries: number; bytes: number }

/** The stored state of a source. It is only a hint: the ids in the own ledger decide. */
export interface AdoptionRow {
  /** The seq where adoption begins; null: at the end of the entries held when the source is first synced. */
  start: number | null
  /** The settings of the last processing, serialised; with other settings processing starts over. */
  wanted: string
  adopted: Place
  /** The number of entries whose erasures have reached the copies. */
  erased: Place
  counts: {
    /** Entries that have a copy. */
    copies: number
    waiting: number
    skipped: Partial<Record<SkipCode, number>>
    refused: Partial<Record<RefuseCode, number>>
  }
  /** The latest of them. */
  refused: { seq: number; id: string; code: RefuseCode }[]
  /** How many copies of other ledgers were seen in it. */
  others: Record<LedgerId, number>
  day: Day
}
