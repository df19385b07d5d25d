/** Limits of HTTP. What a call may be is limited as over the socket (rpc/limits.ts). */

/** Bytes of the head of a request: its line and its headers. */
export const MAX_HEAD_BYTES = 8 * 1024
/** Milliseconds for the head to come. */
export const HEAD_MS = 5_000
/** Milliseconds for a whole request to come. */
export const REQUEST_MS = 30_000
/** Milliseconds that a connection may be idle between two requests. */
export const KEEP_ALIVE_MS = 10_000
/** How often connections are looked at for these times, in milliseconds. */
export const CHECK_MS = 1_000
/** Bytes of a body, as of a message over the socket. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Connections, whoever makes them. */
export const MAX_CONNECTIONS = 64
/** Calls that are being answered at the same time, and of one token. */
export const MAX_CALLS = 64
export const MAX_TOKEN_CALLS = 32
/** Calls at the same time of those that read or compute much; the next ones wait. */
export const MAX_HEAVY_CALLS = 4
/** Bytes of answers that wait for slow readers, of all together: then calls are refused until they have read. */
export const MAX_UNSENT_BYTES = 64 * 1024 * 1024
/** Bytes of an answer that are handed over at once. */
export const WRITE_BYTES = 64 * 1024
/** Milliseconds in which a reader takes something; one that does not has gone, or means harm. */
export const STALL_MS = 20_000
/** Event streams of all, and of one token. */
export const MAX_STREAMS = 16
export const MAX_TOKEN_STREAMS = 4
/** Milliseconds between two signs of life on an event stream. */
export const HEARTBEAT_MS = 15_000
/** Milliseconds after which a consumer of an event stream that broke connects again. */
export const RETRY_MS = 2_000
/** Wrong tokens, of everybody: so many at once, then one each so many milliseconds. Right ones are never held up. */
export const FAILED_TRIES = 10
export const FAILED_TRY_MS = 1_000
/** Milliseconds for which an answer of /readyz, which anybody may ask, is given again. */
export const READY_MS = 1_000
/** Milliseconds that a stopping node gives the calls that are being answered. */
export const STOP_MS = 3_000
/** Milliseconds between two looks whether connections have become idle meanwhile. */
export const STOP_LOOK_MS = 50
