/**
 * Limits that several protocols share. Each protocol's limits.ts re-exports those it uses, and its SPEC.md lists them.
 */

/** Bytes of a header. */
export const MAX_HEADER_BYTES = 32_768
/** Bytes of payload bytes. */
export const MAX_PAYLOAD_BYTES = 1_048_576
/** Bytes of an Ed25519 signature: exactly this many. */
export const SIGNATURE_BYTES = 64
/** Bytes of a SHA-256 hash: exactly this many. */
export const HASH_BYTES = 32
/** UTF-8 bytes of a checkpoint note. */
export const MAX_CHECKPOINT_BYTES = 4_096
/** Bytes of evidence. */
export const MAX_EVIDENCE_BYTES = 1_048_576
/** Key entries of one ledger: genesis and rotations. */
export const MAX_KEY_ENTRIES = 256
/** Bytes of a NodeRecord's body. */
export const MAX_RECORD_BYTES = 16_384
/** The largest seq, size or other 64-bit number: what a double holds exactly. */
export const MAX_SAFE_NUMBER = 9_007_199_254_740_991
/** Milliseconds: the longest pause that BUSY may ask for. */
export const MAX_RETRY_MS = 3_600_000
/** Values in each list of a filter. */
export const MAX_FILTER_VALUES = 64
/** UTF-8 bytes of a filter's value. */
export const MAX_NAME_BYTES = 128
