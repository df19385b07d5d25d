/** Every number of the query protocol. SPEC.md §8 lists the same ones; a test compares them. */
export {
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  SIGNATURE_BYTES,
  HASH_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_KEY_ENTRIES,
  MAX_SAFE_NUMBER,
  MAX_RETRY_MS,
  MAX_NAME_BYTES
} from '../limits.js'

/** Streams per connection, each way. */
export const MAX_INBOUND_STREAMS = 8
export const MAX_OUTBOUND_STREAMS = 8
/** Streams that a server serves at once, over all peers; others wait. Each may hold a whole reply in memory. */
export const MAX_SERVED = 16
/** Bytes of a frame: the largest entry in a group of its own, and room for what compression adds. */
export const MAX_FRAME_BYTES = 1_114_112
/** Bytes of the request frame. */
export const MAX_REQUEST_BYTES = 16_384
/** Entries that one reply shows, those that do not match included. */
export const MAX_ITEMS = 512
/** Hashes, seqs or ids in one Get. */
export const MAX_WANTED = 64
/** Inflated bytes of the entries of one reply, and of its key entries. */
export const MAX_REPLY_BYTES = 4_194_304
export const MAX_KEY_BYTES = 1_048_576
/** Inflated bytes of a group of several items; one item may be larger. */
export const MAX_GROUP_BYTES = 262_144
/** Inflated bytes of a group of one item: the largest entry, encoded. */
export const MAX_ITEM_BYTES = 1_081_422
/** Hashes of a multiproof: those of 512 scattered entries among 2^36, and more than any ledger needs that we know. */
export const MAX_TREE_HASHES = 16_384
/** Bytes of a posting, and of a ref of a list (docs/FORMATS.md §11). */
export const POSTING_BYTES = 28
export const REF_BYTES = 44
/** The highest number of a family of lists. */
export const MAX_FAMILY = 8
/** Hashes beside the way to a list, as in docs/FORMATS.md §11. */
export const MAX_SIBLINGS = 80
/** Items of the run that one reply shows, and refs beside it. */
export const MAX_RUN_ITEMS = 4_096
export const MAX_OUTSIDE = 106
/** Hashes of a consistency proof: those of 2^53 entries. */
export const MAX_CONSISTENCY_HASHES = 54
/** Headers that a server reads for one reply, and leaves of the tree for its proof; past either the page ends. */
export const MAX_EXAMINED = 20_000
/** Units of 64 KiB that so many read headers or leaves cost. */
export const EXAMINED_PER_UNIT = 1_000
/** Milliseconds that the server waits for the request. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Milliseconds after which a server that has nothing to send yet may answer BUSY. */
export const BUSY_AFTER_MS = 5_000
/** Milliseconds of pause that a server which was too slow to start asks for. */
export const BUSY_RETRY_MS = 2_000
/** Milliseconds that a write may stall, and that a client waits for the next frame. */
export const STALL_TIMEOUT_MS = 15_000
/** Milliseconds from the request to the END frame. */
export const TOTAL_TIMEOUT_MS = 30_000
/** Milliseconds that a finished stream waits for the other side to close. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Units of 64 KiB that a peer may have per second in the long run, and at once after a pause. */
export const QUOTA_UNITS_PER_SECOND = 32
export const QUOTA_BURST_UNITS = 256
