/** Every number of the hello protocol. SPEC.md §9 lists the same ones; a test compares them. */
export {
  MAX_HEADER_BYTES,
  MAX_PAYLOAD_BYTES,
  SIGNATURE_BYTES,
  HASH_BYTES,
  MAX_CHECKPOINT_BYTES,
  MAX_EVIDENCE_BYTES,
  MAX_KEY_ENTRIES,
  MAX_RECORD_BYTES,
  MAX_SAFE_NUMBER,
  MAX_RETRY_MS
} from '../limits.js'

/** Streams that a peer opens: one lives and one may still be closing, on each of two connections. */
export const MAX_INBOUND_STREAMS = 4
export const MAX_OUTBOUND_STREAMS = 2
/** Bytes of a frame: the largest entry, or a head with the largest evidence. */
export const MAX_FRAME_BYTES = 1_114_112
/** Bytes of a frame of several heads or entries; one of them alone may be larger. */
export const MAX_SHARED_FRAME_BYTES = 262_144
/** UTF-8 bytes of the software's name and version. */
export const MAX_SOFTWARE_BYTES = 128
/** Features that an Intro names. */
export const MAX_FEATURES = 32
/** UTF-8 bytes of a feature's name. */
export const MAX_FEATURE_BYTES = 64
/** Ledgers in one request for heads, and heads in one frame. */
export const MAX_HEADS = 512
/**
 * Pieces of evidence that an asker lists for one ledger: twice what a node keeps, to include evidence that it received
 * and did not keep.
 */
export const MAX_EVIDENCE_IDS = 16
/** Bytes of all heads that one askHeads takes; ledgers beyond that stay unanswered. */
export const MAX_HEADS_TOTAL_BYTES = 8_388_608
/** Requests that one askHeads makes; an honest peer needs about forty for 8 MiB. */
export const MAX_HEADS_ROUNDS = 64
/** Entries in one reply. */
export const MAX_ENTRIES = 64
/** Requests of one side that may be unanswered. */
export const MAX_IN_FLIGHT = 8
/** Requests that wait on our side for a free place. */
export const MAX_WAITING = 256
/** Notices that wait to be sent, and notices received that wait to be handled; above that the oldest are dropped. */
export const MAX_QUEUED_NOTICES = 256
/** Bytes of those, in each of the two queues. */
export const MAX_QUEUED_NOTICE_BYTES = 4_194_304
/** Milliseconds from the opening of the stream to both Intros, and for the decision about the other side's. */
export const INTRO_TIMEOUT_MS = 10_000
/** Milliseconds after which a side that has no answer yet answers BUSY. */
export const BUSY_AFTER_MS = 5_000
/** Milliseconds of pause that such a BUSY asks for. */
export const BUSY_RETRY_MS = 2_000
/** Milliseconds from a request to its reply. */
export const REPLY_TIMEOUT_MS = 60_000
/** Milliseconds that a write may stall. */
export const STALL_TIMEOUT_MS = 15_000
/** Milliseconds that a Bye and the closing of the stream may take. */
export const CLOSE_TIMEOUT_MS = 1_000
/** Units of 64 KiB that a peer may have per second in the long run, and at once after a pause. */
export const QUOTA_UNITS_PER_SECOND = 64
export const QUOTA_BURST_UNITS = 512
