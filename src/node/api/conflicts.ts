/**
 * Conflicts between entries of several ledgers that describe the same thing: rules, the entries, and decisions. Forks
 * of one ledger are in evidence.ts.
 */
import type { Json } from '../../core/canonical.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { ConflictId, ConflictKey } from '../../conflict/claims.js'
import type { ConflictKind, ConflictState, Reason, WithdrawnCopy } from '../../conflict/judge.js'
import type { ConflictRule, RuleInput } from '../../conflict/rule.js'
import type { Appended } from '../../ledger/append/appender.js'

export type { ConflictId, ConflictKey, ConflictKind, ConflictState, Reason, WithdrawnCopy, ConflictRule, RuleInput }

/**
 * Merges payloads; null: it cannot merge them. `base`: the payload that all siblings were made from, if it is held. It
 * may be called again for the same siblings, on other nodes too.
 */
export type MergeHandler = (siblings: LedgerEntry[], base: LedgerEntry | null) => Json | Promise<Json>

/** A rule and how its conflicts are decided, as a program gives it. */
export interface ConflictResolution {
  strategy: ConflictRule['strategy']
  /** For source-priority: ledgers, the first one wins. */
  sourcePriority?: LedgerId[]
  /** For merge. It is not stored: give it again at each start. */
  mergeHandler?: MergeHandler
}

/** `complete`: the rule was applied to every held entry. */
export type RuleStatus = ConflictRule & { complete: boolean }

/** One line of the list. `since`: when the second of the siblings was stored, ms since the epoch. */
export interface ConflictSummary {
  conflict: ConflictId
  rule: string
  key: ConflictKey
  state: ConflictState
  siblings: number
  since: number
}

/** `complete` false: more conflicts may be found. */
export interface ConflictList {
  conflicts: ConflictSummary[]
  complete: boolean
}

/** `copies`: the places of its copies. `storedAt`: ms since the epoch. */
export interface ConflictSibling {
  entry: LedgerEntry
  storedAt: number
  copies: { ledger: LedgerId; seq: number; hash: Hash }[]
}

/** The current claim for a key, and why. */
export interface ConflictView {
  conflict: ConflictId
  rule: string
  key: ConflictKey
  state: ConflictState
  reason: Reason
  /** The reason in words. */
  explanation: string
  kinds: ConflictKind[]
  /** The current claim; null: there is none. */
  current: Hash | null
  /** The ledger that decided; null: none. */
  by: LedgerId | null
  note: string | null
  /** Siblings that were not known at the last decision. */
  unseen: Hash[]
  /** Entries with implausible future timestamps: other nodes may decide differently. */
  clamped: Hash[]
  /** References whose targets have not arrived yet. */
  waiting: number
  since: number
  /** Copies that are no claims any more, for their originals are disputed, or were voided by another branch. */
  withdrawn: WithdrawnCopy[]
  /** The number of competing claims; at most 64 of them are shown, by hash. */
  count: number
  siblings: ConflictSibling[]
  complete: boolean
}

/**
 * Exactly one of these members. `merged`: the payload of a new own entry. `none`: none of the siblings is current.
 * `merge`: merge by the rule's method, now.
 */
export type ConflictDecision = { choose: Hash } | { merged: Json } | { none: true } | { merge: true }

/**
 * `expect`: the hashes of the siblings that the decision is about; STALE if they have changed. `note`: at most 512
 * bytes, public and permanent.
 */
export interface DecisionOptions {
  expect?: Hash[]
  note?: string
}

/** Which conflicts are listed; default: undecided ones. */
export interface ConflictFilters {
  rule?: string
  /** Also decided and resolved ones. Default false. */
  all?: boolean
  offset?: number
  /** 1–1000, default 100. */
  limit?: number
}

/** By the conflict's id or its beginning (c and at least four digits), or by rule and key. */
export type ConflictPointer = { conflict: string } | { rule: string; key: ConflictKey }

/** `ledger.plugins.sync.entryConflicts`: conflicting entries of several ledgers that describe the same thing. */
export interface EntryConflictApi {
  /** The rules in force, by name. */
  rules: () => RuleStatus[]
  /** Sets a rule; durable when it resolves. A changed rule is applied to everything again. Throws INVALID_PARAMS. */
  setRule: (rule: RuleInput, resolution?: ConflictResolution) => Promise<RuleStatus>
  /** Throws NOT_FOUND. */
  removeRule: (name: string) => Promise<void>
  /** Oldest first. */
  list: (filters?: ConflictFilters) => Promise<ConflictList>
  /** The entries for a key, and which is current. Throws NO_CONFLICT when no entry has that key, AMBIGUOUS. */
  view: (pointer: ConflictPointer) => Promise<ConflictView>
  /** Throws NO_CONFLICT, STALE, MERGE_FAILED, INVALID_PARAMS. */
  resolve: (
    conflict: ConflictId,
    decision: ConflictDecision,
    options?: DecisionOptions
  ) => Promise<{ view: ConflictView; appended: Appended[] }>
}
