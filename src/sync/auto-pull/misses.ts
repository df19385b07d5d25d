/**
 * Pure: remembers entries that were not found, and for how long they are not searched again. Bounded; misses in a
 * ledger that has grown are forgotten.
 */
import { BoundedMap } from '../../core/bounded.js'

/** Limit of remembered misses; beyond it the oldest is forgotten. */
export const MAX_MISSES = 4_096
/** Milliseconds until an entry is searched again: first and longest. */
export const MISS_MS = 30_000
export const MISS_MAX_MS = 10 * 60_000

interface Miss {
  until: number
  waitMs: number
}

export class Misses {
  /** By the named ledger, '' for none; then by the entry. */
  readonly #missed = new BoundedMap<string, Miss>(MAX_MISSES)

  /** Was it searched recently? */
  isFresh(ledger: string, entry: string, now: number): boolean {
    const miss = this.#missed.get(nameOf(ledger, entry))
    return miss !== undefined && now < miss.until
  }

  /** It was not found: the time doubles. */
  missed(ledger: string, entry: string, now: number): void {
    const before = this.#missed.get(nameOf(ledger, entry))
    const waitMs = before === undefined ? MISS_MS : Math.min(MISS_MAX_MS, 2 * before.waitMs)
    this.#missed.set(nameOf(ledger, entry), { until: now + waitMs, waitMs })
  }

  /** The ledger has new entries, which may include ones that were not found in it, or anywhere. */
  grown(ledger: string): void {
    for (const name of this.#missed.keys())
      if (name.startsWith(`${ledger} `) || name.startsWith(' ')) this.#missed.delete(name)
  }
}

/** No ledger id has a space. */
function nameOf(ledger: string, entry: string): string {
  return `${ledger} ${entry}`
}
