/** Bounds of rules, claims and merges. */

/** Rules of one node: each of them is asked about every entry that is stored. */
export const MAX_RULES = 64
/** Names in one list of a rule: streams, types, ledgers. */
export const MAX_RULE_LIST = 256
/** Fields of a declarative merge. */
export const MAX_MERGE_FIELDS = 256
/** Arguments of a merge command, and characters of one of them. */
export const MAX_COMMAND_ARGUMENTS = 32
export const MAX_ARGUMENT_CHARS = 4096
/** Siblings that are judged and shown; a key with more is `crowded`, and counted. */
export const MAX_SIBLINGS = 64
/**
 * References of one resolution entry: so many with the longest names fit into a header of 32 KiB beside the key and the
 * note.
 */
export const REFERENCES_PER_RESOLUTION = 48
/** UTF-8 bytes of the note of a resolution. */
export const MAX_NOTE_BYTES = 512
/**
 * A claim dated later than so many ms after it was stored here is not believed: it loses to every sibling that is not.
 */
export const LATER_MS = 120_000
/** Claims of one key that are looked through for the common base of a merge. */
export const MAX_BASE_CLAIMS = 4096
/** ms that each of those who could merge waits longer than the one before him. */
export const ELECTION_STEP_MS = 30_000
/** Merges of one rule, and of one key, within an hour; then a person decides. */
export const MERGES_PER_HOUR = 60
export const MERGES_PER_KEY_AND_HOUR = 8
/** Winners of one rule that are recorded within an hour. */
export const RECORDS_PER_HOUR = 60
