/** Queries across ledgers, and their answers, which say what they lack. */
import type { EntryFilter } from '../../core/entry-filter.js'
import type { FaultKind } from '../../core/lmx1/index-charge.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AnswerFile } from '../../core/verify-answer.js'
import type { LedgerEntry } from '../../core/view.js'
import type { AskOutcome, SourceState } from '../../query/types.js'

export type { EntryFilter, ReferredTo } from '../../core/entry-filter.js'

/** A query; all members are optional. */
export interface NetworkQuestion {
  /** Which entries: an entry must match all given filters. */
  filters?: EntryFilter | undefined
  /** These ledgers; or those held here; or all known ones, which is the default. */
  ledgers?: LedgerId[] | 'held' | 'known' | undefined
  /** Only ledgers that the own ledger trusts at least this much, 0–1000, by the trust graph held here. */
  minTrustMilli?: number | undefined
  /** By seq, in each ledger. Default `asc`. */
  order?: 'asc' | 'desc' | undefined
  /** Entries of each ledger in one page, 1–512. Default 100. */
  limit?: number | undefined
  /** `nextCursor` of an earlier answer to the same query. */
  cursor?: string | undefined
  /** Milliseconds for the whole query, 1–60,000. Default 5,000. */
  deadlineMs?: number | undefined
  /** Required completeness of every ledger; with less, INCOMPLETE is thrown. Default `any`. */
  need?: 'any' | 'included' | 'complete' | undefined
  /** Also return the file that others can verify offline. Default false. */
  file?: boolean | undefined
}

/** Counting reads all pages, asc, and takes what it gets. */
export type CountQuestion = Omit<NetworkQuestion, 'order' | 'limit' | 'cursor' | 'need' | 'file'>

/** One page of the answer. */
export interface NetworkAnswer {
  /** By ledger; ledgers without matches are left out. */
  results: { ledgerId: LedgerId; entries: LedgerEntry[] }[]
  /** The same entries in one list, by timestamp. */
  aggregated: LedgerEntry[]
  /**
   * Is the page complete? Then for each ledger in `sources`, among the first `asOf.size` entries of the branch with
   * root `asOf.root`, every matching header between the two cursors is included. It does not cover later entries, other
   * branches, ledgers that are not in `sources`, or payloads.
   */
  complete: boolean
  /** One for each ledger that was asked, by ledger id. */
  sources: AnsweredSource[]
  /** How the ledgers were chosen. `left`: how many more should have been asked, but were not. */
  selection: { by: 'list' | 'held' | 'known'; minTrustMilli: number | null; left: number }
  /** Asks for the next page of those ledgers that have more; null: there is none. */
  nextCursor: string | null
  hasMore: boolean
  /** Time of the query, ms since the epoch, and how long it took. */
  askedAt: number
  tookMs: number
  /** Null unless it was requested. */
  file: AnswerFile | null
}

/** The outcome of the query for one ledger. */
export interface AnsweredSource {
  ledger: LedgerId
  name: string | null
  /** Who may read it; null: nothing was shown. */
  access: 'public' | 'private' | null
  state: SourceState
  /** What proves that nothing was left out: the chain, or nothing. */
  by: 'chain' | 'author' | null
  /** The tree that the entries are under; null: nothing was shown. */
  asOf: { size: number; root: Hash } | null
  entries: number
  payloads: { present: number; erased: number; filtered: number; missing: number }
  hasMore: boolean
  /** Peers that were asked, and the result of each. */
  asked: { peer: string; outcome: AskOutcome }[]
  /** The file of evidence against the author that this query found, if it is not larger than 64 KiB. */
  evidence: { id: Hash; kind: string; seq: number; file: string | null } | null
  /**
   * The file in which the author of a wrong index convicted himself, when what was shown is by that index: it proves
   * nothing then. `seq`: of the entry that names it.
   */
  indexFault: { id: Hash; fault: FaultKind; seq: number; file: string | null } | null
}

/** A file in which the author of a wrong index convicted himself. Entries stay valid, and nothing freezes. */
export interface IndexFaultSummary {
  ledger: LedgerId
  /** SHA-256 of the file. */
  id: Hash
  fault: FaultKind
  /** Of the entry that names the wrong index. */
  seq: number
  /** Does it count here? false: the operator has pardoned it. */
  counts: boolean
  /** Canonical JSON: the whole file, for `verify`. */
  file: string
}

/** How many entries match, as far as that is known. */
export interface NetworkCount {
  /** The count of each ledger. `atLeast`: there may be more. */
  counts: { ledgerId: LedgerId; count: number; atLeast: boolean; state: SourceState }[]
  total: number
  complete: boolean
}
