/** Every number of the pull protocol. SPEC.md §8 lists the same ones; a test compares them. */
export {
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  SIGNATURE_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_KEY_ENTRIES,
  MAX_SAFE_NUMBER,
  MAX_RETRY_MS,
  MAX_FILTER_VALUES,
  MAX_NAME_BYTES
} from '../limits.js'

/** Streams per connection, each way. */
export const MAX_INBOUND_STREAMS = 8
export const MAX_OUTBOUND_STREAMS = 8
/** Streams that a server serves at once, over all peers; others wait. */
export const MAX_SERVED = 64
/** Bytes of a frame: the largest entry in a group of its own, and room for what compression adds. */
export const MAX_FRAME_BYTES = 1_114_112
/** Bytes of the request frame. */
export const MAX_REQUEST_BYTES = 65_536
/** Entries that one range may ask for, and payloads. */
export const MAX_ITEMS = 512
/** Inflated bytes of all groups of one reply. */
export const MAX_REPLY_BYTES = 4_194_304
/** Inflated bytes of a group of several items; one item may be larger. */
export const MAX_GROUP_BYTES = 262_144
/** Inflated bytes of a group of one item: the largest entry, encoded. */
export const MAX_ITEM_BYTES = 1_081_422
/** Milliseconds that the server waits for the request. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Milliseconds after which a server that has nothing to send yet may answer BUSY. */
export const BUSY_AFTER_MS = 5_000
/** Milliseconds that a write may stall, and that a client waits for the next frame. */
export const STALL_TIMEOUT_MS = 15_000
/** Milliseconds from the request to the END frame. */
export const TOTAL_TIMEOUT_MS = 120_000
/** Milliseconds that a finished stream waits for the other side to close. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Milliseconds of pause that a server which was too slow to start asks for. */
export const BUSY_RETRY_MS = 2_000
