/**
 * Entries in one group of copies, and their approximate bytes of headers and payloads: one commit of the own ledger.
 */
export const GROUP_ENTRIES = 256
export const GROUP_BYTES = 1024 * 1024
/** Copies per second, so that appends of callers do not wait for them. */
export const ADOPT_PER_SECOND = 2_000
/** The most that this node signs for a single source within `DAY_MS`. */
export const DAY_ENTRIES = 100_000
export const DAY_BYTES = 256 * 1024 * 1024
export const DAY_MS = 24 * 60 * 60_000
/** ms until the next check of a node under load, or of one whose copies failed for its own reason. */
export const BUSY_MS = 1_000
export const FAILED_MS = 5_000
/** ms until a source of too many refusals is checked again: somebody may have cleared some. */
export const FULL_MS = 10_000
/** Erased hashes searched per step. */
export const ERASE_BATCH = 4_096
/** Limit of unprocessed arrived payloads; beyond it all awaited entries are scanned. */
export const MAX_ARRIVED = 4_096
/** Refusals of one source that are named; all are counted. */
export const MAX_REFUSED = 32
/** Ledgers whose copies were seen in one source, and are counted. */
export const MAX_OTHERS = 16
