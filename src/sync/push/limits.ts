/** Sessions that a node offers in at once, over all remotes. */
export const MAX_SESSIONS = 8
/** Ledgers in one session (SPEC push: `MAX_OFFERS`). */
export const MAX_OFFERS = 64
/**
 * Milliseconds from the beginning of one session with a remote to the next: what is appended meanwhile goes together.
 */
export const SPACING_MS = 100
/** After a failure: the first pause and the longest, in ms; after so many failures in a row the slow tier. */
export const RETRY_BASE_MS = 1_000
export const RETRY_MAX_MS = 60_000
export const SLOW_AFTER = 8
export const SLOW_MS = 15 * 60_000
/** A refusal without a time of its own is looked at again after so many ms. */
export const REFUSED_MS = 60 * 60_000
/** The longest pause that a remote may ask for, in ms (SPEC push). */
export const MAX_RETRY_MS = 60 * 60_000
