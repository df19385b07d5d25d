/** The operations on the replication of ledgers. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { VoidedEntry } from '../../ledger/write/voided.js'
import type { StallCode } from '../../sync/types.js'
import type { ErasureFilters, ErasuresResult } from './erasures.js'
import type { ConflictsReport, EvidenceState } from './evidence.js'
import type { EntryConflictApi } from './conflicts.js'
import type { AdoptMethods, AdoptOptions, CopiesChoice } from './adopt.js'
import type { PushMethods } from './push.js'

export type { SyncFilters, VoidedEntry }

/** Which parts of a ledger are replicated. Default: all headers and all payloads. */
export interface FollowOptions {
  /** Every header, and only the payloads that match. */
  filters?: SyncFilters
  /** Every header, and no payload: enough for trust and access, which live in headers. Not with `filters`. */
  headers?: boolean
  /**
   * Hex: a key that is in force on the owner's branch, or that the branch commits to. It decides which branch is
   * followed when a key of the ledger has signed two rotations.
   */
  key?: string
  /** Adopt its entries too: append them to the own ledger. Not with `headers`. */
  adopt?: AdoptOptions
}

/** How a follow ends. */
export interface UnfollowOptions {
  /** Deletes the mirror, too. Default false. */
  forget?: boolean
  /** What happens to copies of its entries, which later erasures do not reach. Required when there are such copies. */
  copies?: CopiesChoice
}

/** One line per ledger; `own`: the own one. Exactly one status (I6). */
export interface LedgerSyncStatus {
  ledger: LedgerId
  name: string | null
  own: boolean
  /** null: none of its entries is held yet. */
  access: 'public' | 'private' | null
  status: 'synced' | 'syncing' | 'stalled'
  /** Entries held, and how many of their signatures were audited one by one. */
  size: number
  audited: number
  /** The largest signed head known here, in entries. */
  target: number
  /** Headers and payloads of all entries, or of those that the filters select. */
  filters: SyncFilters | null
  /** Headers alone: no payload is wanted. */
  headers: boolean
  /** Connected peers that have the ledger. */
  peers: number
  /** Announcements reach us by gossip; false: beyond the topic limit, by head exchange alone. */
  announced: boolean
  /** `next`: time of the next try, ms since the epoch; null: not before someone acts. */
  stall: { code: StallCode; since: number; next: number | null; explanation: string } | null
  /** The effect of the evidence kept against it. */
  evidence: EvidenceState
}

/** `ledger.plugins.sync`: following, pulling, and what prevents it. */
export interface SyncMethods extends PushMethods, AdoptMethods {
  /**
   * Replicates a ledger from now on, also after a restart. A repeated call replaces the options. Does not wait for
   * entries.
   */
  follow: (ledger: LedgerId, options?: FollowOptions) => Promise<LedgerSyncStatus>
  /** Stops replicating. Throws NOT_FOLLOWED, COPIES_REMAIN. */
  unfollow: (ledger: LedgerId, options?: UnfollowOptions) => Promise<void>
  /** One line for each ledger that is held; default: all. */
  status: (ledger?: LedgerId) => Promise<LedgerSyncStatus[]>
  /** Exchanges heads with all peers that have it now, and waits until the ledger is synced or stalled. */
  pull: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  /** Pulls nothing until `resume`, or for this many ms; kept over restarts. */
  pause: (ledger: LedgerId, forMs?: number) => Promise<LedgerSyncStatus>
  /** Ends `pause`. */
  resume: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  /**
   * The operator accepts the branch of a rotation in a frozen ledger (I4). `key` (hex): in force on that branch, or
   * committed to by it; required when a key signed two rotations.
   */
  resolve: (ledger: LedgerId, key?: string) => Promise<{ status: LedgerSyncStatus; voided: number }>
  /** Signed headers of voided entries, by evidence, then by seq. */
  voided: (ledger: LedgerId, offset: number, limit: number) => Promise<VoidedEntry[]>
  /** Frozen ledgers and what can be done about them; default: all that are held. */
  conflicts: (ledger?: LedgerId) => Promise<ConflictsReport>
  /**
   * Only if nothing was signed after the stored entries: the own ledger leaves RESTORING and signs again. If entries
   * are missing after all, this forks the ledger for good.
   */
  override: () => Promise<LedgerSyncStatus>
  /** Erasures of the own ledger, and which mirrors have confirmed them. */
  erasures: (filters?: ErasureFilters) => Promise<ErasuresResult>
  /** Conflicting entries of several ledgers that describe the same thing: rules, entries, decisions. */
  entryConflicts: EntryConflictApi
}
