import { BoundedMap } from '../../core/bounded.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock } from '../../ports.js'
import type { Provenance } from './record-store.js'

/** Two conflicting discovery results, or one that is provably wrong. */
export interface Contradiction {
  /** The source of the wrong result. */
  source: Provenance
  peer: string | null
  ledger: LedgerId | null
  problem: string
  /** ms since the epoch. */
  at: number
}

/** Keeps the newest contradictions, for operators. */
const MAX_KEPT = 256

export class Contradictions {
  readonly #clock: Clock
  readonly #kept = new BoundedMap<string, { found: Contradiction; count: number }>(MAX_KEPT)
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A repeated contradiction only gets a newer time. */
  add(found: Omit<Contradiction, 'at'>): void {
    this.#kept.set(found.problem, { found: { ...found, at: this.#clock.now() }, count: ++this.#count })
  }

  /** A mark for `list`: contradictions from now on. */
  mark(): number {
    return this.#count
  }

  /** Oldest first: all, or those found since the mark and those that `also` selects. */
  list(mark = 0, also: (found: Contradiction) => boolean = () => false): Contradiction[] {
    return [...this.#kept.values()].filter(({ found, count }) => count > mark || also(found)).map(({ found }) => found)
  }
}
