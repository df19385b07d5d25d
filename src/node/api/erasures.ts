/** Shapes of `ledger.erasures`. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'

export const WAITING_REASONS = ['OFFLINE', 'BEHIND', 'HOLDS_PAYLOAD', 'NO_ANSWER'] as const

/** `limit` 1–100, default 20; `cursor`: `nextCursor` of the answer before. */
export interface ErasureFilters {
  limit?: number | undefined
  cursor?: string | undefined
}

/** A mirror of the ledger. */
export interface ErasureHolder {
  peer: string
  /** The ledger that the peer claims to represent, and that ledger's name; null: not shown. */
  ledger: LedgerId | null
  name: string | null
}

/** An erasing entry, and which mirrors are known to have applied it. */
export interface Erasure {
  /** The erasing entry. */
  seq: number
  hash: Hash
  timestamp: number
  /** Hashes of the entries whose payloads it erases. */
  entries: Hash[]
  /**
   * Mirrors that hold the erasing entry and claim to have none of the payloads; `at`: time of the answer, ms since the
   * epoch.
   */
  confirmed: (ErasureHolder & { at: number })[]
  /**
   * Mirrors seen since this node started that have not confirmed, and why: not connected; erasing entry not received
   * yet; still serving a payload; no answer.
   */
  waiting: (ErasureHolder & { reason: (typeof WAITING_REASONS)[number] })[]
}

/** One page of erasures, newest first. */
export interface ErasuresResult {
  ledger: LedgerId
  erasures: Erasure[]
  nextCursor: string | null
  hasMore: boolean
}
