/**
 * Compares what was shown of a ledger with what indexes said of it. An answer that was believed and lacks an entry that
 * was shown elsewhere convicts the author of the index: the two are kept for a while, until one contradicts the other.
 */
import { BoundedMap } from '../../core/bounded.js'
import type { Entry, SignedHeader } from '../../core/entry.js'
import { matchesFilter } from '../../core/entry-filter.js'
import type { Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { IndexProof } from '../../core/lmx1/index-proof.js'
import type { IndexQuestion } from '../../core/lmx1/verify-index.js'

/** Ledgers, and of each the pages and entries that are remembered. */
const MAX_LEDGERS = 128
const MAX_PAGES = 16
const MAX_ENTRIES = 256

/** A page that was believed. */
export interface BelievedPage {
  index: { seq: number; hash: Hash; raw: SignedHeader }
  question: IndexQuestion
  proof: IndexProof
  /** Of the entries that it showed, by seq. */
  headers: ReadonlyMap<number, Header>
}

/** The page lacks the entry. */
export interface Contradiction {
  page: BelievedPage
  missing: { hash: Hash; header: Header }
}

interface Seen {
  pages: BelievedPage[]
  entries: { hash: Hash; header: Header }[]
}

export class FaultFinder {
  readonly #seen = new BoundedMap<LedgerId, Seen>(MAX_LEDGERS)

  /** What was verified under one tree of the ledger. Returns what contradicts what. */
  note(ledger: LedgerId, page: BelievedPage | null, entries: readonly Entry[]): Contradiction[] {
    const seen = this.#seen.get(ledger) ?? { pages: [], entries: [] }
    const shown = entries.map(({ hash, header }) => ({ hash, header }))
    const found = [
      ...seen.pages.flatMap((one) => lacking(one, shown)),
      ...(page === null ? [] : lacking(page, seen.entries))
    ]
    const isNew = ({ hash }: { hash: Hash }): boolean => !seen.entries.some((one) => one.hash === hash)
    this.#seen.set(ledger, {
      pages: page === null ? seen.pages : [...seen.pages, page].slice(-MAX_PAGES),
      entries: [...seen.entries, ...shown.filter(isNew)].slice(-MAX_ENTRIES)
    })
    return found
  }
}

function lacking(page: BelievedPage, entries: Seen['entries']): Contradiction[] {
  const { filter, from, to } = page.question
  return entries
    .filter(({ header }) => header.seq >= from && header.seq < to && !page.headers.has(header.seq))
    .filter(({ header }) => matchesFilter(header, filter))
    .map((missing) => ({ page, missing }))
}
