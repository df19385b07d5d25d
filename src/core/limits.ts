/** Limits of the entry format (DESIGN §2). Changing one of them needs a new header version. */

/** Bytes of a header. */
export const MAX_HEADER_BYTES = 32 * 1024
/** Nesting of a header; the header object itself is depth 1. */
export const MAX_HEADER_DEPTH = 8
/** Bytes of payload bytes: the canonical form of {"payload": …, "salt": …}. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024
/** Nesting of payload bytes; the wrapping object is depth 1. */
export const MAX_PAYLOAD_DEPTH = 64
/** UTF-8 bytes of an id, a stream, a type or an oid. */
export const MAX_NAME_BYTES = 128
/** Members of meta.crossLedgerRefs. */
export const MAX_REFERENCES = 64
/** Hashes in one ledger.erase entry; grants or revocations in one ledger.access entry. */
export const MAX_LIST = 256
/** The last millisecond of the year 9999, since the Unix epoch. */
export const MAX_TIMESTAMP_MS = 253_402_300_799_999
/** Bytes of the random salt that makes a payload hash unguessable. */
export const SALT_BYTES = 16
/** Bytes of a SHA-256 hash and of an Ed25519 public key. */
export const HASH_BYTES = 32
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64
/** Key entries (genesis and rotations) that travel with a record, a proof or evidence. */
export const MAX_KEY_ENTRIES = 256
/**
 * With this many key entries the own ledger is not rotated any more: the rest is left for its owner to move to another
 * ledger.
 */
export const LAST_ROTATION_KEY_ENTRIES = 240
/** Bytes of an evidence file. */
export const MAX_EVIDENCE_BYTES = 1024 * 1024
/** Bytes of a checkpoint note. */
export const MAX_CHECKPOINT_BYTES = 4096
/** Bytes of a node record's body. */
export const MAX_NODE_RECORD_BYTES = 16 * 1024
/** Longest life of a node record, in milliseconds (DESIGN §6). */
export const MAX_NODE_RECORD_LIFE_MS = 24 * 60 * 60 * 1000
/** Bytes of a proof file, and of one line of an export: 256 key entries of 32 KiB as JSON texts are the longest. */
export const MAX_PROOF_BYTES = 24 * 1024 * 1024
/** Ledgers that one query across ledgers asks. */
export const MAX_ANSWER_SOURCES = 256
