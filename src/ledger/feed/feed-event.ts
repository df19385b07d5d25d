/** What the feed tells. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry, PayloadState } from '../../core/view.js'

/** What happened, by its kind. */
export type FeedChange =
  /** An entry became visible, or its payload came. Both as they are when they are read, not as they were. */
  | { kind: 'entry' | 'payload-filled'; seq: number; entry: LedgerEntry }
  /**
   * Its payload was deleted here, and has to be deleted wherever it was copied to; or that no longer holds.
   * `payload_state`: as it is now.
   */
  | { kind: 'payload-erased' | 'erase-withdrawn'; seq: number; hash: Hash; payload_state: PayloadState }
  /** There is evidence against the author: entries from `from` on are taken back. */
  | { kind: 'frozen'; from: number; evidence: string }
  /** Entries from `from` on are taken back: another branch takes their place, or they were lost. */
  | { kind: 'voided' | 'cut'; from: number }
  /** The freeze has ended: what it took back comes again, if it holds. */
  | { kind: 'thawed' }
  /** So many entries, from 0, have an audited signature. */
  | { kind: 'audited'; size: number }
  /** The ledger is no longer held. */
  | { kind: 'removed' }
  /** Entry `seq` takes the right to read the ledger from this node. */
  | { kind: 'right-ended'; seq: number }
  /** Evidence against the author is kept; it may freeze or not. */
  | { kind: 'evidence'; evidence: string }

/** `number` rises by one for each event of the epoch; `position`: go on from here; `at`: ms since the epoch. */
export type FeedEvent = { number: number; position: string; ledger: LedgerId; at: number } & FeedChange

/** Some events, in the order of their numbers. */
export interface FeedPage {
  events: FeedEvent[]
  /** Where to go on, also when no event matched. */
  last: string
  hasMore: boolean
}

/** What is told; all of it counts in `last`. */
export interface FeedFilter {
  /** Default: all. */
  ledgers?: LedgerId[] | undefined
  /** Entries of these streams only; what is told of whole ledgers always comes. Default: all. */
  streams?: string[] | undefined
  /** Nothing of private ledgers. Default false. */
  publicOnly?: boolean | undefined
}

/** `after`: a position or `last` that the feed gave. */
export interface FeedReadOptions extends FeedFilter {
  after: string
  /** 1–1000; default 100. */
  limit?: number | undefined
}

/** A ledger as consumers see it. */
export interface FeedLedger {
  ledger: LedgerId
  access: 'public' | 'private'
  /** Entries that are stored, and those that are shown. */
  size: number
  visible: number
  /** Hash of the newest entry that is shown. */
  head: Hash | null
  audited: number
  frozen: { from: number; evidence: string } | null
}

/**
 * `position`: where to go on when all pages are there; `ledgers`: all, on the first page; `next`: the cursor of the next
 * page. An erased entry says so in its `payload_state`.
 */
export interface FeedSnapshot {
  position: string
  ledgers: FeedLedger[]
  entries: LedgerEntry[]
  next: string | null
}

/** `cursor`: `next` of the page before; none: a new snapshot. */
export interface FeedSnapshotOptions extends Omit<FeedFilter, 'streams'> {
  cursor?: string | undefined
  limit?: number | undefined
}
