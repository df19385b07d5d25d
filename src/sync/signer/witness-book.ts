import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_WITNESSES, WITNESS_AGE_MS } from './limits.js'
import type { IsNamed, Witness } from './types.js'

/** Between two notes that only say that a witness is still there, ms. */
const STILL_THERE_MS = 60 * 60_000

/**
 * The peers that showed our head, and its size. At most 64, for 30 days; unknown peers never take the place of named
 * ones.
 */
export class WitnessBook {
  readonly #isNamed: IsNamed
  readonly #witnesses = new Map<string, Witness>()

  constructor(witnesses: Witness[], isNamed: IsNamed) {
    this.#isNamed = isNamed
    for (const witness of witnesses.slice(0, MAX_WITNESSES)) this.#witnesses.set(witness.peer, witness)
  }

  has(peer: string): boolean {
    return this.#witnesses.has(peer)
  }

  list(): Witness[] {
    return [...this.#witnesses.values()]
  }

  /** Those of the last 30 days. */
  current(now: number): Witness[] {
    return this.list().filter(({ at }) => at > now - WITNESS_AGE_MS)
  }

  isNamed({ peer, ledger }: Witness): boolean {
    return this.#isNamed(peer, ledger)
  }

  /** True: the book has to be stored. `now`: ms since the epoch. */
  note(peer: string, ledger: LedgerId | null, { seq, hash }: { seq: number; hash: Hash }, now: number): boolean {
    const known = this.#witnesses.get(peer)
    if (known !== undefined) {
      // A smaller size later does not lower what it showed before.
      const further = seq >= known.seq
      if (seq <= known.seq && (ledger ?? known.ledger) === known.ledger && Math.abs(now - known.at) < STILL_THERE_MS)
        return false
      this.#witnesses.set(peer, {
        peer,
        ledger: ledger ?? known.ledger,
        seq: further ? seq : known.seq,
        hash: further ? hash : known.hash,
        at: now
      })
      return true
    }
    const named = this.#isNamed(peer, ledger)
    if (this.#witnesses.size >= MAX_WITNESSES && !this.#makeRoom(named, now)) return false
    this.#witnesses.set(peer, { peer, ledger, seq, hash, at: now })
    return true
  }

  #makeRoom(named: boolean, now: number): boolean {
    const worth = (witness: Witness): number => (witness.at <= now - WITNESS_AGE_MS ? 0 : this.isNamed(witness) ? 2 : 1)
    const [least] = this.list().sort((a, b) => worth(a) - worth(b) || a.at - b.at)
    // A new unknown peer does not displace earlier ones: otherwise it would cost nothing to empty the book.
    if (least === undefined || worth(least) >= (named ? 2 : 1)) return false
    return this.#witnesses.delete(least.peer)
  }
}
