import type { Peer } from './peer-book.js'
import type { Run } from './schedule/fair-shares.js'

/** A range of one ledger in transfer: requested, then waiting in the effect runner until its turn to be stored. */
export interface Batch {
  fetch: number
  peer: Peer
  from: number
  /** Entries requested; once verified, entries received. */
  count: number
  state: 'fetching' | 'verified' | 'storing'
  since: number
  /** Its charge until it arrived or failed; null: none (any more). */
  run: Run | null
}

export interface Piece {
  from: number
  count: number
}

/** The parts of [size, end) that are neither stored nor in transfer, in order, in pieces of at most `entries`. */
export function* gaps(batches: Iterable<Piece>, size: number, end: number, entries: number): Generator<Piece> {
  const ordered = [...batches].sort((a, b) => a.from - b.from)
  let from = size
  for (const batch of [...ordered, { from: end, count: 0 }]) {
    const until = Math.min(batch.from, end)
    for (; from < until; from += entries) yield { from, count: Math.min(entries, until - from) }
    from = Math.max(until, batch.from + batch.count)
  }
}
