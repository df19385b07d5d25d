import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'

/**
 * What came of asking about one ledger. Nothing is left out: `own` (this node's ledger), `mirror` (held and synced),
 * `proved` (every entry of the span was shown, or an index of the author shows that none was left out, under a checkpoint
 * that two sources or the owner vouch for). Something
 * may be missing: `included` (what is shown is in the ledger; what is not shown may be, too), `stale` (a larger tree of
 * it is known, or the mirror is behind), `truncated` (the rest did not come in time), `frozen` (nothing above the
 * evidence counts), `unlinked` (it does not continue what was seen before). Nothing is shown: `denied`, `unknown`
 * (nobody asked has it, or may show it: the two look the same), `no_peers`, `timeout`, `busy`, `bad_answer` (made up,
 * or unsigned by its author), `upgrade_needed`.
 */
export type SourceState =
  | 'own'
  | 'mirror'
  | 'proved'
  | 'included'
  | 'stale'
  | 'truncated'
  | 'frozen'
  | 'unlinked'
  | 'denied'
  | 'unknown'
  | 'no_peers'
  | 'timeout'
  | 'busy'
  | 'bad_answer'
  | 'upgrade_needed'

/**
 * How one peer answered; `unsigned`: what it showed is under the checkpoint, and its author did not sign it; `slow`:
 * another one was quicker.
 */
export type AskOutcome =
  | 'answered'
  | 'lied'
  | 'unsigned'
  | 'busy'
  | 'denied'
  | 'unknown'
  | 'unreachable'
  | 'timeout'
  | 'upgrade_needed'
  | 'slow'
  | 'cancelled'

/** Somebody who may have a ledger. */
export interface Candidate {
  peer: string
  /** Proven to be a node of the ledger itself. */
  isOwner: boolean
  isConnected: boolean
  /** Of the ledger that it speaks for. */
  trustMilli: number
  /** What it mostly takes, and how often it succeeds, 0 to 1. */
  latencyMs: number
  success: number
}

/** A checkpoint of the ledger that was verified here before, and who showed it. */
export interface Remembered {
  size: number
  root: Hash
  peers: readonly string[]
  byOwner: boolean
}

export interface PlannedLedger {
  ledger: LedgerId
  /** Held here: not asked of others. */
  local: 'own' | 'mirror' | null
  /** Seqs; what an earlier page has shown is outside. `to` null: up to the size of the tree. */
  from: number
  to: number | null
  /** The tree of the earlier pages, and whether it was vouched for; null: the first page. */
  tree: { size: number; root: Hash; vouched: boolean } | null
  remembered: Remembered | null
  candidates: readonly Candidate[]
}

export interface PlanInit {
  ledgers: readonly PlannedLedger[]
  order: 'asc' | 'desc'
  /** Of each ledger. */
  limit: number
  /** Every entry is to be shown, however many pages that takes; otherwise only where one page shows them all. */
  everything: boolean
  /** When the answer is due, whatever is missing. */
  deadline: number
}

/** What is asked of one peer, or of the disk. */
export interface PageRequest {
  from: number
  to: number | null
  limit: number
  maxBytes: number
  show: 'matches' | 'all' | 'either'
  treeSize: number | null
  /** A tree that was verified here: how the two go together is wanted, too. */
  known: { size: number; root: Hash } | null
}

/** A page that has been verified. */
export interface Page {
  /** Entries that match. */
  count: number
  /** Of all its entries, with their payloads. */
  bytes: number
  /** Nothing is left out of the part of the span that it is about. */
  all: boolean
  /** An index of the author says so, not every entry. */
  byAuthor: boolean
  /** Where the next page starts, in the order of the question; null: the span is at its end. */
  next: number | null
  size: number
  root: Hash
  /** Does the tree continue the one that is known, or is it the same? Null: none is known, or that one is larger. */
  linked: boolean | null
  /** The evidence with it freezes the ledger here: nothing above counts. */
  frozen: boolean
}

export interface LocalPage {
  count: number
  bytes: number
  next: number | null
  size: number
  root: Hash | null
  /** What is held is not the whole truth: the own ledger is being restored, the mirror is behind. */
  behind: boolean
  frozen: boolean
}

export type PlanEvent =
  | { kind: 'start' }
  /** Others that may have the ledger. `over`: no more will be found. */
  | { kind: 'found'; ledger: LedgerId; candidates: readonly Candidate[]; over: boolean }
  | { kind: 'read'; ledger: LedgerId; page: LocalPage }
  | { kind: 'page'; ask: number; page: Page }
  /** The peer has evidence against the author, which freezes all that it could show. */
  | { kind: 'frozen'; ask: number }
  | { kind: 'failed'; ask: number; outcome: Exclude<AskOutcome, 'answered' | 'slow'>; retryMs?: number }
  | { kind: 'tick' }
  | { kind: 'cancel' }

export type PlanEffect =
  | { kind: 'read'; ledger: LedgerId; request: PageRequest }
  /** Who else has it? Answered by `found`. */
  | { kind: 'look'; ledger: LedgerId }
  | { kind: 'ask'; ask: number; ledger: LedgerId; peer: string; request: PageRequest }
  /** Its answer is not wanted any more. */
  | { kind: 'drop'; ask: number }
  /** The page belongs to the answer. */
  | { kind: 'take'; ask: number; ledger: LedgerId }
  /** What was taken of this ledger does not: it is asked anew, from a larger tree. */
  | { kind: 'forget'; ledger: LedgerId }
  | { kind: 'wake'; at: number }
  | { kind: 'finish'; sources: readonly SourceReport[]; complete: boolean }

export interface SourceReport {
  ledger: LedgerId
  state: SourceState
  /**
   * What says that nothing is left out: the chain, whose every entry is here or was shown, or an index, by which the
   * author may lie and would convict himself. Null: something may be.
   */
  by: 'chain' | 'author' | null
  /** The tree that the entries are under, or what is held. */
  as_of: { size: number; root: Hash } | null
  /** Where the next page starts, and whether its tree is vouched for; null: there is none. */
  next: { seq: number; vouched: boolean } | null
  entries: number
  /** The peers that were asked, and what each of them did. */
  asked: readonly { peer: string; outcome: AskOutcome }[]
}
