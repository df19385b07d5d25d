/** Shapes of `ledger.references` and `network.followReferences`. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { ReferenceType } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Direction, EntryName, Followed, NamedReference, ReferenceStatus } from '../../references/types.js'

export type { Direction, EntryName, NamedReference }
export type { EntryKey } from '../../ledger/read/entry-key.js'
export type { Frontier, ReferenceStatus } from '../../references/types.js'

/** Which references of one entry. */
export interface ReferencesOptions {
  /** Default `both`: references of the entry (`out`), and references to it (`in`). */
  direction?: Direction | undefined
  /** Default: all. */
  types?: readonly ReferenceType[] | undefined
  /** Limit for each direction, 1–64. Default 16. */
  limit?: number | undefined
  /** Include references in the payload (its member `crossLedgerRefs`)? Default true. */
  payloads?: boolean | undefined
}

/** Which of the tracked references. */
export interface ReferenceStatesOptions {
  /** Default: all. */
  status?: ReferenceStatus | undefined
  /** Page size, 1–1000. Default 100. */
  limit?: number | undefined
  /** `nextCursor` of the previous page. */
  cursor?: string | undefined
}

/** A reference and its status. */
export interface ReferenceState extends Omit<NamedReference, 'where'> {
  /** ms since the epoch: time at which the status was found. */
  since: number
  /**
   * The smallest size of the target's ledger that shows the status; 0: no entry of it is held, or the hash alone
   * decides it for good.
   */
  asOf: number
}

/** By seq. `complete`: every held entry was checked. */
export interface ReferenceStates {
  ledger: LedgerId
  counts: Record<ReferenceStatus, number>
  complete: boolean
  references: ReferenceState[]
  nextCursor: string | null
}

/** `more`: there are further ones. */
export interface References {
  entry: EntryName
  references: NamedReference[]
  more: boolean
}

/** Limits of following references. */
export interface FollowReferencesOptions {
  /** Steps from the start, 0–8. Default 2. */
  maxDepth?: number | undefined
  /** References of one entry each way, 1–64. Default 16. */
  fanOut?: number | undefined
  /** Entries in all, the start included, 1–1000. Default 200. */
  total?: number | undefined
  /** ms, 1–60,000. Default 5,000. */
  deadlineMs?: number | undefined
  /** Default `out`. */
  direction?: Direction | undefined
  /** Default: all. */
  types?: readonly ReferenceType[] | undefined
  /** Only into ledgers that the own one trusts at least this much, 0–1000. Default 0. */
  minTrustMilli?: number | undefined
  /**
   * `network`: entries of ledgers that are not held are fetched from those ledgers' nodes, which then learn which
   * references are read. Default `held`: no node is asked.
   */
  fetch?: 'held' | 'network' | undefined
  /**
   * Include references in payloads (their member `crossLedgerRefs`)? Default: yes, but their targets are not fetched
   * from other nodes, because such a request reveals that this node can read the payload. `true`: they are fetched,
   * too.
   */
  payloads?: boolean | undefined
}

/**
 * The reached entries, by depth, ledger and seq, and the references between them; `frontier`: references not followed,
 * and why; `complete`: there are none.
 */
export type FollowedReferences = Followed<LedgerEntry>
