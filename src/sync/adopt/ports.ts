/** The disk operations that adoption needs. The simulator implements them, too. */
import type { Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncMark } from '../../core/reference.js'
import type { AdoptionRow, CopyInput, Original } from './types.js'

/** A followed ledger. */
export interface AdoptSource {
  readonly id: LedgerId
  /** Stored entries, disputed ones included. */
  readonly size: number
  /** Of a stored entry; null: not stored. */
  hashAt: (seq: number) => Promise<Hash | null>
  /**
   * Entries from ≤ seq < to, as many as go into one group, at least one; payloads are read only of entries that may be
   * wanted.
   */
  read: (from: number, to: number, isWanted: (header: Header) => boolean) => Promise<Original[]>
  /** The first of these that are stored. */
  readSeqs: (seqs: readonly number[], isWanted: (header: Header) => boolean) => Promise<Original[]>
  /** Hashes in its `ledger.erase` entries from `from` on, disputed ones included; `next`: number of entries read. */
  erasures: (from: number) => Promise<{ hashes: Hash[]; next: number }>
  /** Which of these payloads are erased now. */
  areErased: (seqs: readonly number[]) => Promise<boolean[]>
}

/** `hasPayload`: there is one, and it was not erased. */
export interface FoundCopy {
  hash: Hash
  mark: SyncMark | null
  hasPayload: boolean
}

export type CopyOutcome =
  | { done: 'appended' | 'existing' }
  | { done: 'refused'; code: 'ID_TAKEN' | 'TOO_LARGE' | 'MALFORMED' | 'HOOK'; message: string }
  /** The own ledger cannot be written now, for a reason that is not this entry's. */
  | { done: 'stopped'; error: Error }

/** The own ledger. */
export interface CopyChain {
  find: (ids: readonly Hash[]) => Promise<(FoundCopy | null)[]>
  /** Durable when it resolves; each entry succeeds or fails on its own. */
  append: (inputs: readonly CopyInput[]) => Promise<CopyOutcome[]>
  /** Entries whose payloads are erased already are skipped. Throws when the own ledger cannot be written now. */
  erase: (copies: readonly Hash[]) => Promise<void>
}

/** The stored state; anything that a crash loses is computed again. */
export interface AdoptionBook {
  /** In one batch. `waiting`: seqs whose payloads are awaited, and those that are no longer. */
  put: (
    source: LedgerId,
    row: AdoptionRow,
    waiting: { add: readonly number[]; drop: readonly number[] }
  ) => Promise<void>
  /** At most `limit` seqs from `from` on whose payloads are awaited. */
  waiting: (source: LedgerId, from: number, limit: number) => Promise<number[]>
  /** Those of these that are awaited. */
  areWaiting: (source: LedgerId, seqs: readonly number[]) => Promise<number[]>
  /** Nothing of the source is awaited any more. */
  forgetWaiting: (source: LedgerId) => Promise<void>
}
