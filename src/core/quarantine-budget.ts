/**
 * How much is pulled behind a freeze before anything is believed (R1): "headers only, ≤ 256 MiB a ledger, no further
 * than the shown rotation".
 * Pure. What is refused says nothing against a peer: long ledgers are honest (I5).
 */
import { LedgermeshError } from './errors.js'
import type { Hash } from './hash.js'
import { SIGNATURE_BYTES } from './limits.js'

/** Bytes of headers and signatures of one ledger. */
export const MAX_QUARANTINE_BYTES = 256 * 1024 * 1024
/** No header is shorter: its members' names, two hashes, a ledger id and a key alone are longer. */
const LEAST_ENTRY_BYTES = 256 + SIGNATURE_BYTES
/** Rotations remembered of which is known that they are too far away; the oldest goes. */
const MAX_REFUSED = 16

export class QuarantineBudget {
  readonly limit: number
  readonly #refused: Hash[] = []

  /** `limit`: bytes. */
  constructor(limit = MAX_QUARANTINE_BYTES) {
    this.limit = limit
  }

  /** Is a rotation worth a pull of so many entries, as far as can be said before? */
  mayFit(rotation: Hash, entries: number): boolean {
    return entries * LEAST_ENTRY_BYTES <= this.limit && !this.#refused.includes(rotation)
  }

  /**
   * So many bytes on the way to this rotation. Throws OVERLOADED beyond the limit; it is not pulled again then, whoever
   * shows it.
   */
  spend(rotation: Hash, bytes: number): void {
    if (bytes <= this.limit) return
    this.#refused.push(rotation)
    if (this.#refused.length > MAX_REFUSED) this.#refused.shift()
    throw new LedgermeshError('OVERLOADED', `more than ${this.limit} bytes of headers lie behind the freeze`)
  }
}
