/**
 * How much is pulled beyond a freeze before any of it is believed (R1): "headers only, ≤ 256 MiB a ledger, no further
 * than the shown rotation". Pure. A refusal is no fault of a peer: honest ledgers can be long (I5).
 */
import { LedgermeshError } from './errors.js'
import type { Hash } from './hash.js'
import { SIGNATURE_BYTES } from './limits.js'

/** Bytes of headers and signatures of one ledger. */
export const MAX_QUARANTINE_BYTES = 256 * 1024 * 1024
/** No header is shorter: the names of its members, two hashes, a ledger id and a key alone take more bytes. */
const LEAST_ENTRY_BYTES = 256 + SIGNATURE_BYTES
/** Rotations remembered as too far away; the oldest is forgotten first. */
const MAX_REFUSED = 16

export class QuarantineBudget {
  readonly limit: number
  readonly #refused: Hash[] = []

  /** `limit`: bytes. */
  constructor(limit = MAX_QUARANTINE_BYTES) {
    this.limit = limit
  }

  /** May this many entries be pulled to reach a rotation, by what can be known before the pull? */
  mayFit(rotation: Hash, entries: number): boolean {
    return entries * LEAST_ENTRY_BYTES <= this.limit && !this.#refused.includes(rotation)
  }

  /**
   * Counts bytes pulled towards this rotation. Throws OVERLOADED beyond the limit; the rotation is not pulled again
   * then, whichever peer shows it.
   */
  spend(rotation: Hash, bytes: number): void {
    if (bytes <= this.limit) return
    this.#refused.push(rotation)
    if (this.#refused.length > MAX_REFUSED) this.#refused.shift()
    throw new LedgermeshError('OVERLOADED', `more than ${this.limit} bytes of headers lie behind the freeze`)
  }
}
