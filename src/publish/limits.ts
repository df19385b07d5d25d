/** Hashes in a tile, and entries in a bundle (c2sp.org/tlog-tiles). */
export const TILE_HASHES = 256
/** Levels of tiles that a tree of 2^53 leaves has. */
export const MAX_TILE_LEVELS = 7
/** Bytes of an entry in a bundle: its length is written in two bytes. Header and signature have at most 32,832. */
export const MAX_BUNDLED_BYTES = 0xffff
/** Bytes of the largest file that is read back: a bundle of the largest entries. */
export const MAX_PUBLISHED_BYTES = TILE_HASHES * (MAX_BUNDLED_BYTES + 2)
/** Payload files that are written at the same time: each waits for the disk. */
export const PAYLOADS_AT_A_TIME = 32
/** Entries without their payload that are asked for again at each run; beyond that the oldest are given up. */
export const MAX_AWAITED_PAYLOADS = 10_000
/** How long a web server may take to say whether it still has an erased payload, ms. */
export const CHECK_TIMEOUT_MS = 10_000
/** Erased payloads asked for at the same time. */
export const CHECKS_AT_A_TIME = 8
