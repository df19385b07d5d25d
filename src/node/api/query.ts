/** Questions across ledgers, and their answers, which say what they miss. */
import type { EntryFilter } from '../../core/entry-filter.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { AnswerFile } from '../../core/verify-answer.js'
import type { LedgerEntry } from '../../core/view.js'
import type { AskOutcome, SourceState } from '../../query/types.js'

export type { EntryFilter, ReferredTo } from '../../core/entry-filter.js'

/** A question; all members may be left out. */
export interface NetworkQuestion {
  /** Which entries; all that are given must hold. */
  filters?: EntryFilter | undefined
  /** These ledgers; or those that are held here; or all that are known, which is the default. */
  ledgers?: LedgerId[] | 'held' | 'known' | undefined
  /** Of them only those that the own ledger trusts so much, 0–1000: by the graph that is held here. */
  minTrustMilli?: number | undefined
  /** By seq, in each ledger. Default `asc`. */
  order?: 'asc' | 'desc' | undefined
  /** Entries of each ledger in one page, 1–512. Default 100. */
  limit?: number | undefined
  /** `nextCursor` of an earlier answer to the same question. */
  cursor?: string | undefined
  /** For the question as a whole, 1–60,000. Default 5,000. */
  deadlineMs?: number | undefined
  /** With less than this for every ledger INCOMPLETE is thrown. Default `any`. */
  need?: 'any' | 'included' | 'complete' | undefined
  /** Also give the file that others can check offline. Default false. */
  file?: boolean | undefined
}

/** The answer of one page. */
export interface NetworkAnswer {
  /** By ledger; those that showed nothing that matches are left out. */
  results: { ledgerId: LedgerId; entries: LedgerEntry[] }[]
  /** The same entries in one list, by timestamp. */
  aggregated: LedgerEntry[]
  /**
   * Of each ledger in `sources`, of the first `asOf.size` entries of the branch with root `asOf.root`, every header
   * that matches and lies between the two cursors is here. It says nothing of later entries, of other branches, of
   * ledgers that are not in `sources`, and of payloads.
   */
  complete: boolean
  /** One for each ledger that was asked, by ledger id. */
  sources: AnsweredSource[]
  /** How the ledgers were chosen. `left`: so many more would have been asked, and were not. */
  selection: { by: 'list' | 'held' | 'known'; minTrustMilli: number | null; left: number }
  /** Asks for the next page of those ledgers that have more; null: there is none. */
  nextCursor: string | null
  hasMore: boolean
  /** When it was asked, ms since the epoch, and how long it took. */
  askedAt: number
  tookMs: number
  /** Null unless it was asked for. */
  file: AnswerFile | null
}

/** What came of asking about one ledger. */
export interface AnsweredSource {
  ledger: LedgerId
  name: string | null
  /** Who may read it; null: nothing was shown. */
  access: 'public' | 'private' | null
  state: SourceState
  /** Whose word it is that nothing was left out: the chain's, or nobody's. */
  by: 'chain' | null
  /** The tree that the entries are under; null: nothing was shown. */
  asOf: { size: number; root: Hash } | null
  entries: number
  payloads: { present: number; erased: number; filtered: number; missing: number }
  hasMore: boolean
  /** Peers that were asked, and what each of them did. */
  asked: { peer: string; outcome: AskOutcome }[]
  /** Of evidence against its author that this question met: the file, if it is not larger than 64 KiB. */
  evidence: { id: Hash; kind: string; seq: number; file: string | null } | null
}

/** How many entries match, as far as that is known. */
export interface NetworkCount {
  /** Of each ledger. `atLeast`: there may be more. */
  counts: { ledgerId: LedgerId; count: number; atLeast: boolean; state: SourceState }[]
  total: number
  complete: boolean
}
