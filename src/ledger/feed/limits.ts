/** Events, or entries of a snapshot, of one page. */
export const MAX_FEED_LIMIT = 1000
export const DEFAULT_FEED_LIMIT = 100
/** Bytes of headers and payloads after which a page ends. */
export const PAGE_BYTES = 4 * 1024 * 1024
/** Ledgers, or streams, of one filter. */
export const MAX_FEED_NAMES = 256
