import type { PullFilter } from '../filter.js'
import type { WireEntry, WireHead, WireKeyEntry } from '../types.js'

export type { PullFilter }

/** full: payloads as far as they are held; headers: none; filtered: those that match the filter, and every header. */
export type Want = 'full' | 'headers' | 'filtered'

export interface RangeRequest {
  ledger: string
  /** First seq. */
  from: number
  /** 1 to 512; fewer may come, but at least one. */
  count: number
  want: Want
  /** Only with want 'filtered', and then with at least one value. */
  filter?: PullFilter
}

export interface PayloadsRequest {
  ledger: string
  /** 1 to 512, ascending. */
  seqs: number[]
}

export interface PayloadItem {
  seq: number
  /** null: not held. */
  payload: Uint8Array | null
}

/**
 * Where a server's answers come from. A WireError UNAVAILABLE, DENIED, BUSY or INVALID thrown before the first item is
 * the answer.
 */
export interface PullSource {
  head: (peer: string, ledger: string, signal: AbortSignal) => Promise<WireHead>
  /** Consecutive entries from `request.from`; the server stops reading at the reply's limits. None: UNAVAILABLE. */
  range: (peer: string, request: RangeRequest, signal: AbortSignal) => Promise<AsyncIterable<WireEntry>>
  /** The items in the order asked for, payload null where it is not held. */
  payloads: (peer: string, request: PayloadsRequest, signal: AbortSignal) => Promise<AsyncIterable<PayloadItem>>
  keyEntries: (peer: string, ledger: string, signal: AbortSignal) => Promise<WireKeyEntry[]>
  /** null: there is none. */
  evidence: (peer: string, ledger: string, signal: AbortSignal) => Promise<Uint8Array | null>
}

/** Milliseconds; the defaults are in limits.ts, where each is explained. */
export interface PullDeadlines {
  requestMs: number
  busyAfterMs: number
  stallMs: number
  totalMs: number
  closeMs: number
}

export interface FetchOptions {
  signal: AbortSignal
  /** Slow links need more, tests less. */
  deadlines?: Partial<PullDeadlines>
}
