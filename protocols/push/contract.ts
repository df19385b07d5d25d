import type { PullFilter } from '../filter.js'

export type { PullFilter }

/**
 * What the receiver is asked to do with the ledger: keep the chain as it is, re-append its entries to its own, or
 * whichever it likes.
 */
export type OfferMode = 'mirror' | 'adopt' | 'either'

/** "This is how far I hold this ledger": its newest entry. */
export interface Offer {
  ledger: string
  header: Uint8Array
  /** 64 bytes. */
  signature: Uint8Array
  mode: OfferMode
  /** Which payloads the offerer asks to be taken; absent: all. */
  filter?: PullFilter
}

export interface PushRequest {
  /** 1 to 64, each of another ledger. */
  offers: Offer[]
  /** 32 bytes that an operator of the receiver gave to the offerer. */
  token?: Uint8Array
}

/**
 * accepted: it will be fetched, or is being; held: it is here; pending: the operator is asked; refused: `reason` says
 * why.
 */
export type DecisionKind = 'accepted' | 'held' | 'pending' | 'refused'
/** How an accepted ledger is taken. */
export type TakenMode = 'mirror' | 'adopt' | 'headers'

export interface Decision {
  ledger: string
  decision: DecisionKind
  /** A number of REASONS; 0: none. Only with `refused`, and then always. */
  reason: number
  /** With `accepted`, and only then. */
  mode: TakenMode | null
  /** Number of undisputed entries that the receiver holds now. */
  size: number
  /** Hash of entry size − 1, 32 bytes; null: nothing is held. */
  hash: Uint8Array | null
  /**
   * 16 bytes, made with the receiver's store: another one has lost what this one had. With `accepted` and `held`, and
   * whenever something is held.
   */
  store: Uint8Array | null
  /** Which payloads it takes; absent: all of the mode. */
  filter?: PullFilter
  /** Milliseconds until the offer may be made again. */
  retryMs?: number
}

export interface Progress {
  ledger: string
  /** Entries that are stored; on the disk for sure; whose signatures were checked one by one. */
  stored: number
  durable: number
  audited: number
  /** Entries that were looked at for adoption; only when adopting. */
  adopted?: number
  /** A number of REASONS: why the transfer stopped; 0: it continues. */
  stall: number
  /** Hash of entry durable − 1, 32 bytes; null: durable is 0. */
  hash: Uint8Array | null
}

/** The outcome of `count` entries from `from` on. */
export interface Run {
  from: number
  count: number
  outcome: number
  /** A number of REASONS; 0: none. */
  reason: number
  /** The hash of the entry that it conflicts with, 32 bytes. */
  other?: Uint8Array
}

export interface Results {
  ledger: string
  /** 1 to 512, each above the one before it. */
  runs: Run[]
}

/** The messages of a session, in this order: one decision for each offer, then progress and results. */
export type PushNews =
  | { kind: 'decision'; decision: Decision }
  | { kind: 'progress'; progress: Progress }
  | { kind: 'results'; results: Results }

/**
 * Where a server's answers come from. A WireError DENIED, BUSY, UNAVAILABLE or INVALID before the first news is the
 * answer.
 */
export interface PushSource {
  /** It ends by itself when there is nothing more to tell, and within SESSION_MS. */
  offered: (peer: string, request: PushRequest, signal: AbortSignal) => AsyncIterable<PushNews>
}

/** Milliseconds; the defaults are in limits.ts, where each is explained. */
export interface PushDeadlines {
  requestMs: number
  busyAfterMs: number
  stallMs: number
  sessionMs: number
  closeMs: number
}

export interface PushOptions {
  signal: AbortSignal
  deadlines?: Partial<PushDeadlines>
}
