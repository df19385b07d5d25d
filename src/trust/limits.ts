/**
 * The numbers of trust (DESIGN §7). Levels are integers in thousandths: two nodes that hold the same entries get the
 * same digits.
 */

/** Full trust, in milli. */
export const MAX_LEVEL_MILLI = 1000
/** What is left of a level at each hop after the first, in milli. */
export const HOP_MILLI = 900
/** Edges in a path. */
export const MAX_HOPS = 4
/** Hops that an attestation may allow behind its subject: all that a path can have after its first edge. */
export const MAX_DEPTH = MAX_HOPS - 1
/**
 * Attestations of one issuer that count at a time. Every holder of the issuer's headers keeps them in memory and walks
 * them in every search, at no cost to the issuer: without a bound one ledger could make the trust of all its followers
 * slow. An organisation that vouches for more than a thousand others by name does not know them; it should vouch for
 * ledgers that do.
 */
export const MAX_LIVE_ATTESTATIONS = 1024
/**
 * Acceptances by one subject, verifications by one verifier, and ended attestations of one issuer that are remembered;
 * for the same reason.
 */
export const MAX_REMARKS = 1024
