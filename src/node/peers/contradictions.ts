import { BoundedMap } from '../../core/bounded.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock } from '../../ports.js'
import type { Provenance } from './record-store.js'

/** Two conflicting discovery results, or one that is provably wrong. */
export interface Contradiction {
  /** Who said what does not hold. */
  source: Provenance
  peer: string | null
  ledger: LedgerId | null
  problem: string
  /** ms since the epoch. */
  at: number
}

/** The newest ones are kept: they are for people to look at. */
const MAX_KEPT = 256

export class Contradictions {
  readonly #clock: Clock
  readonly #kept = new BoundedMap<string, { found: Contradiction; count: number }>(MAX_KEPT)
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same one again only becomes newer. */
  add(found: Omit<Contradiction, 'at'>): void {
    this.#kept.set(found.problem, { found: { ...found, at: this.#clock.now() }, count: ++this.#count })
  }

  /** For `list`: what is found from now on. */
  mark(): number {
    return this.#count
  }

  /** Oldest first: all, or those found again or anew since the mark and those that `also` wants. */
  list(mark = 0, also: (found: Contradiction) => boolean = () => false): Contradiction[] {
    return [...this.#kept.values()].filter(({ found, count }) => count > mark || also(found)).map(({ found }) => found)
  }
}
