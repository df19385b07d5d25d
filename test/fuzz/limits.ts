/**
 * Milliseconds of the processor (not of the clock: a busy disk is not the decoder's fault) that one case of a small
 * input may take: far above what any decoder needs, far below what would stop a node.
 */
export const MAX_CASE_MS = 400
/** Bytes by which the memory may grow in one case of a small input. */
export const MAX_CASE_BYTES = 64 * 1024 * 1024
/** Bytes up to which an input is small. */
export const SMALL_BYTES = 256 * 1024
/**
 * A case that is over a limit counts when it is over it so often: a busy machine or a collection of garbage is not a
 * finding.
 */
export const CONFIRMATIONS = 3
/** Milliseconds for the cases of one turn, and for making a finding smaller: what is slow is slow to shrink, too. */
export const MAX_TURN_MS = 10_000
/** Bytes of a mutated input. */
export const MAX_INPUT_BYTES = 2 * 1024 * 1024
/** Cases of each target in `npm test`. */
export const SHORT_RUNS = 200
