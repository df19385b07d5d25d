/** Every number of the registry protocol. SPEC.md §6 lists the same ones; a test compares them. */
export {
  MAX_HEADER_BYTES,
  SIGNATURE_BYTES,
  MAX_KEY_ENTRIES,
  MAX_RECORD_BYTES,
  MAX_SAFE_NUMBER,
  MAX_RETRY_MS
} from '../limits.js'

/** Streams per connection, each way. */
export const MAX_INBOUND_STREAMS = 4
export const MAX_OUTBOUND_STREAMS = 4
/** Bytes of a frame: a record with the key entries of a ledger that rotated a hundred times. */
export const MAX_FRAME_BYTES = 131_072
/** Bytes of the request frame: a record that was registered must fit the frame of a listing. */
export const MAX_REQUEST_BYTES = 131_008
/** Bytes of all listings of one reply. */
export const MAX_REPLY_BYTES = 4_194_304
/** Listings that a discovery may ask for. */
export const MAX_LISTINGS = 256
/** Listings of one ledger. */
export const MAX_NODES = 16
/** UTF-8 bytes of a capability or a region. */
export const MAX_NAME_BYTES = 128
/** Milliseconds that the server waits for the request. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Milliseconds after which a server that has nothing to send yet may answer BUSY. */
export const BUSY_AFTER_MS = 5_000
/** Milliseconds of pause in that BUSY. */
export const BUSY_RETRY_MS = 2_000
/** Milliseconds that a write may stall, and that a client waits for the next frame. */
export const STALL_TIMEOUT_MS = 10_000
/** Milliseconds from the request to the END frame. */
export const TOTAL_TIMEOUT_MS = 30_000
/** Milliseconds that a finished stream waits for the other side to close. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Units of 64 KiB that a peer may have per second in the long run, and at once after a pause. */
export const QUOTA_UNITS_PER_SECOND = 32
export const QUOTA_BURST_UNITS = 256
