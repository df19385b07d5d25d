/** Bytes of one line: the largest payload with all its characters escaped (two bytes as six), and its references. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024
/**
 * Lines in one JSON-RPC batch: enough that one fsync serves many; the node starts so many in the order of the file
 * (MAX_BATCH_RUNNING).
 */
export const BATCH_LINES = 200
/** Bytes of the lines in one batch, well below the 8 MiB of one message. */
export const BATCH_BYTES = 3 * 1024 * 1024
/** Batches that are under way at the same time. */
export const BATCHES_IN_FLIGHT = 4
/** Bytes of the lines that wait for what they refer to. */
export const MAX_PARKED_BYTES = 512 * 1024 * 1024
/** Bytes of the lines that are held back because they refer to what may be in later lines of the file. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024
/** Ids of lines that were sent, to know what a later line refers to without asking. */
export const MAX_SENT_IDS = 100_000
/** Lines that could not be taken and are listed; the rest is counted. */
export const LISTED_PROBLEMS = 20
/** Milliseconds that an import which is told to end waits for what is under way. */
export const END_MS = 5_000
/** Seconds without progress after which `--wait` gives up, unless it says otherwise. */
export const DEFAULT_WAIT_S = 30
/** Milliseconds before lines that met an overloaded node are sent again. */
export const RETRY_MS = 500
/** Milliseconds between two progress lines, for programs and where no terminal is. */
export const PROGRESS_JSON_MS = 250
export const PROGRESS_TEXT_MS = 5000
/** Milliseconds that a batch which is not full waits for more lines (from a slow standard input). */
export const FILL_MS = 20
