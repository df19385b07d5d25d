/** Bounds of one question across ledgers, and of all that are under way. */

/** Requests of one question that are under way at once, and of them at one peer. */
export const MAX_IN_FLIGHT = 16
export const MAX_PER_PEER = 4
/** Peers that are asked about one ledger, and pages of it, before the question gives up on it. */
export const MAX_TRIES = 8
export const MAX_PAGES = 64
/** Milliseconds after which a second peer is asked, at the least; otherwise twice what the first one mostly takes. */
export const MIN_HEDGE_MS = 200
/** Milliseconds before a busy peer is asked again, at the least. */
export const MIN_RETRY_MS = 100
/** Matching entries of each ledger in one page: default, and at most. */
export const DEFAULT_LIMIT = 100
export const MAX_LIMIT = 512
/** Bytes of entries in one page of all ledgers together, and those that each of them may have at the least. */
export const MAX_PAGE_BYTES = 8 * 1024 * 1024
export const MIN_SOURCE_BYTES = 32 * 1024
/**
 * Bytes after which a page of all ledgers together ends, whoever has not answered yet: an entry may be larger than its
 * ledger's share, and what is under way comes on top.
 */
export const MAX_TAKEN_BYTES = 2 * MAX_PAGE_BYTES
/** Milliseconds for a question as a whole: default, and at most. */
export const DEFAULT_DEADLINE_MS = 5_000
export const MAX_DEADLINE_MS = 60_000
