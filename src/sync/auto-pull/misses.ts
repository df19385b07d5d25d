/**
 * Pure: what was asked for in vain, and for how long nobody needs to be asked again. Bounded; what grows may have it
 * now, and is forgotten.
 */
import { BoundedMap } from '../../core/bounded.js'

/** What is remembered; more, and the oldest is asked for again. */
export const MAX_MISSES = 4_096
/** Milliseconds until it is asked for again: at first, and at most. */
export const MISS_MS = 30_000
export const MISS_MAX_MS = 10 * 60_000

interface Miss {
  until: number
  waitMs: number
}

export class Misses {
  /** By the ledger that was named, '' when none was; then by the entry. */
  readonly #missed = new BoundedMap<string, Miss>(MAX_MISSES)

  /** Was it asked for a short while ago? */
  isFresh(ledger: string, entry: string, now: number): boolean {
    const miss = this.#missed.get(nameOf(ledger, entry))
    return miss !== undefined && now < miss.until
  }

  /** Nobody had it: twice as long as before. */
  missed(ledger: string, entry: string, now: number): void {
    const before = this.#missed.get(nameOf(ledger, entry))
    const waitMs = before === undefined ? MISS_MS : Math.min(MISS_MAX_MS, 2 * before.waitMs)
    this.#missed.set(nameOf(ledger, entry), { until: now + waitMs, waitMs })
  }

  /** The ledger has more entries: what was looked for in it, or anywhere, may be among them. */
  grown(ledger: string): void {
    for (const name of this.#missed.keys())
      if (name.startsWith(`${ledger} `) || name.startsWith(' ')) this.#missed.delete(name)
  }
}

/** No ledger id has a space. */
function nameOf(ledger: string, entry: string): string {
  return `${ledger} ${entry}`
}
