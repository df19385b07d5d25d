import type { WireEntry, WireKeyEntry } from '../types.js'

/** Which entries: an entry must match all given filters. */
export interface QueryFilter {
  stream?: string
  type?: string
  issuer?: string
  subject?: string
  id?: string
  /** Entries with a reference to this ledger, or to this entry of it. */
  refersTo?: { ledger: string; entryId?: string }
  /** Timestamps in ms; the second is exclusive. */
  timeFrom?: number
  timeTo?: number
}

/** full: payloads of matching entries as far as they are held; headers: none. */
export type Want = 'full' | 'headers'

/**
 * matches: only entries that match. all: it is shown that none was left out, by every entry of the span, or by an index
 * of the author; either: that if it reaches the limit or the end in this reply, or there is an index, otherwise matches.
 */
export type Show = 'matches' | 'all' | 'either'

export interface SelectRequest {
  ledger: string
  filter: QueryFilter
  /** Seqs `from` ≤ seq < `to`; null: up to the tree's size. */
  from: number
  to: number | null
  order: 'asc' | 'desc'
  /** Matching entries, 1 to 512. */
  limit: number
  /** Inflated bytes of the entries, up to 4 MiB; one entry always comes. */
  maxBytes: number
  want: Want
  show: Show
  /** Answer from the tree of this size: for the pages after the first. Null: the newest checkpoint's. */
  treeSize: number | null
  /** The size of a checkpoint that the asker has: a consistency proof between the two is wanted, too. */
  knownSize: number | null
}

/** Entries by hash, by seq or by id, 1 to 64 of one of them. What is not there is not answered. */
export interface GetRequest {
  ledger: string
  wanted: { hashes: Uint8Array[] } | { seqs: number[] } | { ids: string[] }
  want: Want
  knownSize: number | null
}

/** Why a page ends: nothing follows; the limit; the work or the bytes of one reply. */
export type Ending = 'end' | 'limit' | 'budget'

export interface Basis {
  /** A signed note. Null: none is below the evidence, and nothing else comes. */
  checkpoint: string | null
  /** Genesis and every rotation below the checkpoint. */
  keyEntries: WireKeyEntry[]
  /** From the asker's known size to the checkpoint's; empty: not asked, or it cannot be shown. 32 bytes each. */
  consistency: Uint8Array[]
  /** Evidence against the ledger's author. */
  evidence: Uint8Array | null
  /** A file in which the author of a wrong index convicted himself (docs/FORMATS.md §11). */
  indexFault: Uint8Array | null
}

/** What an index of the author shows about the span (docs/FORMATS.md §11). */
export interface WireIndex {
  /** The entry in which the author names it. */
  entry: WireKeyEntry
  /** The number of the family. */
  family: number
  siblings: Uint8Array[]
  leaf: { key: Uint8Array; count: number; list: Uint8Array } | null
  run: { first: number; items: WireItem[]; outside: Uint8Array[] } | null
}

export type WireItem = { entry: number } | { posting: Uint8Array } | { skipped: Uint8Array; width: number }

export interface QueryReply {
  basis: Basis
  entries: WireEntry[]
  /** The multiproof of these entries, the key entries and the index entry, 32 bytes each. */
  tree: Uint8Array[]
  /** Null: nothing is shown by an index. */
  index: WireIndex | null
  /** Matching entries. */
  count: number
  ending: Ending
  /** Is it shown that none of the span was left out, by every entry of it or by the index? */
  all: boolean
  /** Where the next page starts: its `from`, or descending its `to`. Null: there is none. */
  next: number | null
}

/**
 * Where a server's answers come from. A WireError UNAVAILABLE, DENIED, BUSY or INVALID that it throws is the answer.
 */
export interface QuerySource {
  /** `examined`: headers and leaves that were read for it, which are charged. */
  select: (
    peer: string,
    request: SelectRequest,
    signal: AbortSignal
  ) => Promise<{ reply: QueryReply; examined: number }>
  get: (peer: string, request: GetRequest, signal: AbortSignal) => Promise<{ reply: QueryReply; examined: number }>
}

/** Milliseconds; the defaults are in limits.ts, where each is explained. */
export interface QueryDeadlines {
  requestMs: number
  busyAfterMs: number
  stallMs: number
  totalMs: number
  closeMs: number
}

export interface AskOptions {
  signal: AbortSignal
  deadlines?: Partial<QueryDeadlines>
}
