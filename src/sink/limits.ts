/** Entries or events that are taken in one transaction. */
export const BATCH = 1000
/** How often the feed is asked when there was nothing new, ms. */
export const POLL_MS = 250
/** Rows that are read at a time to be verified. */
export const VERIFIED_ROWS = 1000
/** Problems that are named one by one. */
export const MAX_PROBLEMS = 100
/** Bytes of the name of a schema or view, as PostgreSQL has it. */
export const MAX_IDENTIFIER_BYTES = 63
