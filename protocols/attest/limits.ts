/** Every number of the attest protocol. SPEC.md §6 lists the same ones; a test compares them. */
export { MAX_HEADER_BYTES, SIGNATURE_BYTES, MAX_RETRY_MS } from '../limits.js'

/** Streams per connection, each way. */
export const MAX_INBOUND_STREAMS = 4
export const MAX_OUTBOUND_STREAMS = 4
/** Bytes of a frame: the largest attestation with the largest acceptance, and their tags. */
export const MAX_FRAME_BYTES = 131_072
/** Bytes of the request frame. */
export const MAX_REQUEST_BYTES = 128
/** Attestations in one reply, and so those of one issuer that are passed on. */
export const MAX_ITEMS = 256
/** Bytes of the items in a frame of several; one item may be larger. */
export const MAX_GROUP_BYTES = 65_536
/** Bytes of all items in a reply. */
export const MAX_REPLY_BYTES = 1_048_576
/** Milliseconds that the server waits for the request. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Milliseconds after which a server that has nothing to send yet says BUSY. */
export const BUSY_AFTER_MS = 5_000
/** Milliseconds of pause in that BUSY. */
export const BUSY_RETRY_MS = 2_000
/** Milliseconds that a write may stall, and that a client waits for the next frame. */
export const STALL_TIMEOUT_MS = 15_000
/** Milliseconds from the request to END. */
export const TOTAL_TIMEOUT_MS = 30_000
/** Milliseconds that a finished stream waits for the other side to close. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Units of 64 KiB that a peer may have per second in the long run, and at once after a pause. */
export const QUOTA_UNITS_PER_SECOND = 64
export const QUOTA_BURST_UNITS = 512
