/** Every number of the push protocol. SPEC.md §7 lists the same ones; a test compares them. */
export {
  MAX_HEADER_BYTES,
  SIGNATURE_BYTES,
  HASH_BYTES,
  MAX_SAFE_NUMBER,
  MAX_RETRY_MS,
  MAX_FILTER_VALUES,
  MAX_NAME_BYTES
} from '../limits.js'

/** Streams per connection, each way. */
export const MAX_INBOUND_STREAMS = 1
export const MAX_OUTBOUND_STREAMS = 1
/** Sessions that a server serves at once, over all peers; others wait. */
export const MAX_SERVED = 64
/** Bytes of a frame. */
export const MAX_FRAME_BYTES = 262_144
/** Bytes of the request frame. */
export const MAX_REQUEST_BYTES = 262_144
/** Offers in a request. */
export const MAX_OFFERS = 64
/** Bytes of a token: exactly this many. */
export const TOKEN_BYTES = 32
/** Bytes that name a store from its making on: exactly this many. */
export const STORE_BYTES = 16
/** Runs in one frame of results. */
export const MAX_RUNS = 512
/** OK frames of one session: more than a second each for 64 ledgers. */
export const MAX_FRAMES = 65_536
/** Milliseconds that the server waits for the request. */
export const REQUEST_TIMEOUT_MS = 5_000
/**
 * Milliseconds after which a server that has not decided the first offer says BUSY: the offerer is asked for key
 * entries first.
 */
export const BUSY_AFTER_MS = 15_000
/** Milliseconds of pause in that BUSY. */
export const BUSY_RETRY_MS = 2_000
/** Milliseconds between two frames about one ledger, at least. */
export const PROGRESS_MIN_MS = 1_000
/** Milliseconds after which a server that has nothing new says the same again. */
export const ALIVE_MS = 20_000
/** Milliseconds that a write may stall, and that a client waits for the next frame. */
export const STALL_TIMEOUT_MS = 30_000
/** Milliseconds from the request until the server ends the session. */
export const SESSION_MS = 600_000
/** Milliseconds that a finished stream waits for the other side to close. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Units of 64 KiB that a peer may have per second in the long run, and at once after a pause. */
export const QUOTA_UNITS_PER_SECOND = 8
export const QUOTA_BURST_UNITS = 64
