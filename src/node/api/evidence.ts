/** Frozen ledgers, the evidence against their authors, and what an operator can do about it. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { VoidedEntry, VoidedRange } from '../../ledger/write/voided.js'

export type { VoidedEntry }

/**
 * What the evidence that is kept against a ledger does to it here. `freezes`: nothing above it is believed; `doubted`:
 * it thawed by itself, and waits for the operator's word before it is believed again; `contested`: a key signed two
 * rotations, and the branch held is past it; `excused`: a key signed it that the chain held has retired. The last two
 * take nothing away.
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
  /** Entries that are kept above them. */
  disputed: number
  /** SHA-256 of the evidence file; null: it is not here, or damaged. */
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
 * Evidence that freezes nothing, and ledgers that are not believed although nothing freezes them. `from`: of a doubted
 * one, the entries that are believed.
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

/** What evidence does here: frozen ledgers, disputes that freeze nothing, and voided entries. */
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
  /**
   * Is it what freezes the ledger here? false: lower evidence does, or it says nothing against the chain that is held.
   */
  freezes: boolean
  state: EvidenceState
  /** Canonical JSON: the whole file, for `verify`. */
  evidence: string
}
