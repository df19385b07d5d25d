/** Entries in one group of copies, and bytes of their headers and payloads, about: one commit of the own ledger. */
export const GROUP_ENTRIES = 256
export const GROUP_BYTES = 1024 * 1024
/** Copies a second: what callers append is not to wait for them. */
export const ADOPT_PER_SECOND = 2_000
/** What a single source may make this node sign within `DAY_MS`. */
export const DAY_ENTRIES = 100_000
export const DAY_BYTES = 256 * 1024 * 1024
export const DAY_MS = 24 * 60 * 60_000
/** A node under load looks again after so many ms; so does one whose copies failed for a reason of its own. */
export const BUSY_MS = 1_000
export const FAILED_MS = 5_000
/** Erased hashes that are looked for at once. */
export const ERASE_BATCH = 4_096
/** Payloads that came and were not looked at; when there are more, all that is awaited is looked through. */
export const MAX_ARRIVED = 4_096
/** Refusals of one source that are named; all are counted. */
export const MAX_REFUSED = 32
/** Ledgers whose copies were seen in one source, and are counted. */
export const MAX_OTHERS = 16
