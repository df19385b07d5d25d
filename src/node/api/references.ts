/** What refers to what: shapes of `ledger.references` and `network.followReferences`. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { ReferenceType } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Direction, EntryName, Followed, NamedReference, ReferenceStatus } from '../../references/types.js'

export type { Direction, EntryName, NamedReference }
export type { EntryKey } from '../../ledger/read/entry-key.js'
export type { Frontier, ReferenceStatus } from '../../references/types.js'

/** Which references of one entry. */
export interface ReferencesOptions {
  /** Default `both`: to what it refers to, and from what refers to it. */
  direction?: Direction | undefined
  /** Default: all. */
  types?: readonly ReferenceType[] | undefined
  /** At most so many each way, 1–64. Default 16. */
  limit?: number | undefined
  /** Also those in the payload (its member `crossLedgerRefs`)? Default true. */
  payloads?: boolean | undefined
}

/** Which of the references that are kept account of. */
export interface ReferenceStatesOptions {
  /** Default: all. */
  status?: ReferenceStatus | undefined
  /** At most so many, 1–1000. Default 100. */
  limit?: number | undefined
  /** `nextCursor` of the page before. */
  cursor?: string | undefined
}

/** A reference, and what was found of it. */
export interface ReferenceState extends Omit<NamedReference, 'where'> {
  /** ms since the epoch: when it was found to be so. */
  since: number
  /**
   * The least size of the target's ledger that shows it; 0: nothing of it is held, or the hash alone says it, for good.
   */
  asOf: number
}

/** By seq. `complete`: everything that is held was looked at. */
export interface ReferenceStates {
  ledger: LedgerId
  counts: Record<ReferenceStatus, number>
  complete: boolean
  references: ReferenceState[]
  nextCursor: string | null
}

/** `more`: there are others than these. */
export interface References {
  entry: EntryName
  references: NamedReference[]
  more: boolean
}

/** How far references are followed. */
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
  /** Only into ledgers that the own one trusts at least so much, 0–1000. Default 0. */
  minTrustMilli?: number | undefined
  /**
   * `network`: entries of ledgers that are not held are asked of these ledgers' nodes, which then know whose references
   * are read. Default `held`: nobody is asked.
   */
  fetch?: 'held' | 'network' | undefined
  /**
   * Also the references in payloads (their member `crossLedgerRefs`)? Default: yes, but nobody is asked for what they
   * name: who is asked knows that this node can read the payload. `true`: others are asked, too.
   */
  payloads?: boolean | undefined
}

/**
 * The entries that were reached, by depth, ledger and seq, and the references between them; `frontier`: what was left
 * out, and why; `complete`: nothing was.
 */
export type FollowedReferences = Followed<LedgerEntry>
