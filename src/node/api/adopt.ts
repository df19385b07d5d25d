/** Shapes of adoption: entries of followed ledgers, appended again to the own one. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { AdoptCode, RefuseCode, SkipCode } from '../../sync/adopt/types.js'

export type { AdoptCode, RefuseCode, SkipCode }

/** Which entries of a ledger are adopted. */
export interface AdoptOptions {
  /** Entries that match. Default: all. */
  filters?: SyncFilters
  /** The first seq; now: only entries after the ledger was first synced. Default 0. */
  from?: number | 'now'
  /**
   * From a private ledger into a private one: adopt also when the own ledger has readers that the source does not have.
   * Default false.
   */
  acceptReaders?: boolean
}

/** keep: the copies stay unchanged. erase: their payloads are erased, here and wherever they are held. */
export type CopiesChoice = 'keep' | 'erase'

/** One source of copies, and its progress. */
export interface AdoptionReport {
  ledger: LedgerId
  name: string | null
  /**
   * adopted: all entries held here are adopted. adopting: in progress. stalled: held back (see the code). stopped: no
   * longer adopted; erasures of the originals still reach the copies. unfollowed: erasures no longer reach them either.
   */
  status: 'adopted' | 'adopting' | 'stalled' | 'stopped' | 'unfollowed'
  filters: SyncFilters | null
  /** The first seq that is adopted; null: not known yet. */
  from: number | null
  acceptReaders: boolean
  /** How many of its entries are held, and how many of them were considered for adoption. */
  size: number
  looked: number
  /** Entries that were searched for erasures, all of which have reached the copies. */
  erasuresTo: number
  /** Of the processed entries: those that have a copy, and those whose payloads are awaited. */
  copies: number
  waiting: number
  /** Entries that are not for adoption, by reason. */
  skipped: Partial<Record<SkipCode, number>>
  /** Entries whose copies the own ledger does not accept, by reason; the latest 32 are named. */
  refused: Partial<Record<RefuseCode, number>>
  latestRefused: { seq: number; id: string; code: RefuseCode }[]
  /**
   * Copies of other ledgers in the source: they are not adopted from it. `followed`: that other ledger is followed
   * itself.
   */
  others: { ledger: LedgerId; copies: number; followed: boolean }[]
  /** Entries that were processed and are disputed now: their copies stay. */
  disputed: number
  /** Usage since `since`, ms since the epoch; the limit is 100,000 entries and 256 MiB a day. */
  today: { since: number; entries: number; bytes: number }
  /** `next`: the time of the next try, ms since the epoch; null: when something changes. */
  stall: { code: AdoptCode; since: number; next: number | null; explanation: string } | null
}

/** Part of `ledger.plugins.sync`. */
export interface AdoptMethods {
  /**
   * Follows a ledger, if it is not followed yet, and adopts its entries from now on, also after a restart. A repeated
   * call replaces the options. Throws PRIVATE_INTO_PUBLIC, READERS_WIDER.
   */
  adopt: (ledger: LedgerId, options?: AdoptOptions) => Promise<AdoptionReport>
  /**
   * Stops adopting; the ledger stays followed, and erasures still reach the copies. `copies` (default keep). Throws
   * NOT_FOLLOWED.
   */
  stopAdopting: (ledger: LedgerId, options?: { copies?: CopiesChoice }) => Promise<AdoptionReport>
  /** Every ledger that is adopted or has copies here; or only the given one. */
  adoptions: (ledger?: LedgerId) => Promise<AdoptionReport[]>
}
