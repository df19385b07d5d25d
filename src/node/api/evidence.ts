/** Shapes of frozen ledgers, the evidence against their authors, and the operator's options. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { VoidedEntry, VoidedRange } from '../../ledger/write/voided.js'

export type { VoidedEntry }

/**
 * The effect of the kept evidence on a ledger here. `freezes`: nothing above it is believed; `doubted`: the ledger
 * thawed without the operator, and is believed again only after the operator's decision; `contested`: a key signed two
 * rotations, and the held branch is past them; `excused`: a key signed it that the held chain has retired. The last two
 * have no effect.
 */
export type EvidenceState = 'none' | 'freezes' | 'doubted' | 'contested' | 'excused'

/** A ledger that is frozen: nothing from `frozenAt` on is shown, served or believed. */
export interface Conflict {
  ledger: LedgerId
  name: string | null
  access: 'public' | 'private' | null
  own: boolean
  /** Entries that are undisputed: served and shown. */
  frozenAt: number
  /** Held entries above the undisputed ones. */
  disputed: number
  /** SHA-256 of the evidence file; null: the file is missing or damaged. */
  evidence: Hash | null
  kind: string | null
  /** One of its keys signed two rotations: only a pinned key decides (`sync.resolve` with `key`). */
  keyFork: boolean
  /**
   * The rotation whose branch `sync.resolve` accepts, as far as the evidence carries it; a connected peer may show one
   * too.
   */
  rotation: { seq: number; hash: Hash; key: Hash } | null
  next: string
}

/**
 * Ledgers with evidence that does not freeze them, and doubted ledgers that are not frozen. `from`: for a doubted one,
 * the number of believed entries.
 */
export interface Dispute {
  ledger: LedgerId
  name: string | null
  access: 'public' | 'private' | null
  state: EvidenceState
  evidence: Hash | null
  kind: string | null
  seq: number | null
  from: number | null
  next: string
}

/** The effects of evidence here: frozen ledgers, disputes that freeze nothing, and voided entries. */
export interface ConflictsReport {
  conflicts: Conflict[]
  disputes: Dispute[]
  voided: (VoidedRange & { ledger: LedgerId })[]
}

/** Evidence that is kept here. */
export interface EvidenceSummary {
  /** SHA-256 of the file, hex. */
  id: Hash
  ledger: LedgerId
  kind: string
  /** The lowest seq in dispute. */
  seq: number
  /** Does this evidence freeze the ledger here? false: lower evidence does, or it does not dispute the held chain. */
  freezes: boolean
  state: EvidenceState
  /** Canonical JSON: the whole file, for `verify`. */
  evidence: string
}
