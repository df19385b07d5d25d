/** Every number of the signer's state (FAULTS R3, R4), in ms where nothing else is said. */

export const MAX_WITNESSES = 64
export const WITNESS_AGE_MS = 30 * 24 * 60 * 60_000

/** After the first confirmation: for the other connected witnesses. */
export const OTHERS_MS = 2_000
/** No witness is noted: time until which connected peers are waited for, at most `CHANGED_MS`. */
export const FIRST_PEERS_MS = 2_000
/** No witness is noted, on another machine or with another mark file. */
export const CHANGED_MS = 10_000
/** All witnesses are strangers. */
export const STRANGERS_MS = 30_000
/** The same in the same boot of the machine. */
export const SAME_BOOT_MS = 10_000

/** Connected peers are asked again, and witnesses dialled again, after this; dialling later less often. */
export const ASK_AGAIN_MS = 10_000
export const SEEK_MS = { first: 5_000, last: 60_000 }
/** While ready, a peer is asked for its head again at the earliest after this. */
export const REFRESH_MS = 20_000
/** Peers that are asked at once while ready. */
export const MAX_REFRESHED = 8

/**
 * Difference between the advance of the wall clock and of the steady one that shows that this process was suspended.
 */
export const JUMP_MS = 60_000

/** No foreign record was issued for so long. */
export const TWIN_QUIET_MS = 12 * 60 * 60_000
/**
 * A foreign record that is older than this process: a running twin has this long to answer the call before anything is
 * signed, whatever witnesses confirm.
 */
export const FOREIGN_HOLD_MS = 45_000
/**
 * Random interval between two calls to a twin: relays accept one record in ten seconds, and synchronised calls of both
 * would suppress each other. And for how long calls are made.
 */
export const CALL_OUT_MS = { least: 10_500, most: 15_000 }
export const CALLING_MS = 120_000
/** Foreign records whose effect is remembered: beyond this the one that expires first is forgotten. */
export const MAX_SEEN = 256
