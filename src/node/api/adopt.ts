/** Adoption as it is asked for and answered: entries of followed ledgers, appended again to the own one. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { AdoptCode, RefuseCode, SkipCode } from '../../sync/adopt/types.js'

export type { AdoptCode, RefuseCode, SkipCode }

/** What of a ledger is adopted. */
export interface AdoptOptions {
  /** Entries that match. Default: all. */
  filters?: SyncFilters
  /** The first seq; now: only what comes after the ledger was synced first. Default 0. */
  from?: number | 'now'
  /** Private into private: also when the own ledger has readers that the source has not. Default false. */
  acceptReaders?: boolean
}

/** keep: the copies stay as they are. erase: their payloads are erased, here and wherever they are held. */
export type CopiesChoice = 'keep' | 'erase'

/** One source of copies, and how far it has come. */
export interface AdoptionReport {
  ledger: LedgerId
  name: string | null
  /**
   * adopted: all that is here is. adopting: it is under way. stalled: something holds it back. stopped: it is not
   * adopted any more; erasures of the originals still reach the copies. unfollowed: nor do these.
   */
  status: 'adopted' | 'adopting' | 'stalled' | 'stopped' | 'unfollowed'
  filters: SyncFilters | null
  /** The first seq that is adopted; null: not known yet. */
  from: number | null
  acceptReaders: boolean
  /** How many of its entries are held, and how many of them were considered for adoption. */
  size: number
  looked: number
  /** Entries that were looked through for erasures, all of which have reached the copies. */
  erasuresTo: number
  /** Of those gone through: entries of which there is a copy, and those whose payloads are awaited. */
  copies: number
  waiting: number
  /** Entries that are not for adoption, by reason. */
  skipped: Partial<Record<SkipCode, number>>
  /** Entries whose copies the own ledger does not take, by reason; the latest 32 are named. */
  refused: Partial<Record<RefuseCode, number>>
  latestRefused: { seq: number; id: string; code: RefuseCode }[]
  /** Copies of other ledgers in it: they are not adopted from here. `followed`: that ledger is followed itself. */
  others: { ledger: LedgerId; copies: number; followed: boolean }[]
  /** Entries that were gone through and are disputed now: their copies stay. */
  disputed: number
  /** What it was charged since `since`, ms since the epoch: 100,000 entries and 256 MiB a day. */
  today: { since: number; entries: number; bytes: number }
  /** `next`: when it is tried again, ms since the epoch; null: when something changes. */
  stall: { code: AdoptCode; since: number; next: number | null; explanation: string } | null
}

/** Part of `ledger.plugins.sync`. */
export interface AdoptMethods {
  /**
   * Follows a ledger, if it is not yet, and adopts its entries from now on, also after a restart; again with other
   * options: those hold. Throws PRIVATE_INTO_PUBLIC, READERS_WIDER.
   */
  adopt: (ledger: LedgerId, options?: AdoptOptions) => Promise<AdoptionReport>
  /**
   * Adopts no more; it stays followed, and erasures still reach the copies. `copies` (default keep). Throws
   * NOT_FOLLOWED.
   */
  stopAdopting: (ledger: LedgerId, options?: { copies?: CopiesChoice }) => Promise<AdoptionReport>
  /** Every ledger of which there are copies, or are to be; or this one. */
  adoptions: (ledger?: LedgerId) => Promise<AdoptionReport[]>
}
