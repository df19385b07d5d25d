/** Every number of the announce protocol. SPEC.md §6 lists the same ones; a test compares them. */
export { MAX_HEADER_BYTES, SIGNATURE_BYTES, MAX_KEY_ENTRIES, MAX_RECORD_BYTES } from '../limits.js'

/** Bytes of evidence that travels by gossip; more is pulled. */
export const MAX_GOSSIP_EVIDENCE_BYTES = 65_536
/** Bytes of a whole message. */
export const MAX_MESSAGE_BYTES = 131_072
/** Announce topics that a node subscribes to; a remote tracks about a thousand per peer. */
export const MAX_TOPICS = 512
/** Announcements of one ledger that are passed on per second; those above are ignored. */
export const MAX_PER_SECOND = 10
