/** Limits of the RPC socket. All are per connection unless they say otherwise. */

/** Bytes of one JSON message (a whole batch counts as one). */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024
/**
 * Nesting of one message: the deepest payload (64), inside an entry, inside a list, inside params, inside a batch, with
 * room.
 */
export const MAX_MESSAGE_DEPTH = 96
/** Requests in one batch. */
export const MAX_BATCH = 1000
/** Entries in one ledger.appendBatch. */
export const MAX_APPEND_BATCH = 10_000
/** Messages that are being answered at the same time; more wait unread. */
export const MAX_PENDING = 64
/** Bytes of the messages that are being answered at the same time; more wait unread. */
export const MAX_PENDING_BYTES = 16 * 1024 * 1024
/** Bytes of answers that wait for a slow reader before nothing more of its requests is started. */
export const MAX_UNSENT_BYTES = 1024 * 1024
/** Requests of one batch that run at the same time, started in order: enough that their appends share few commits. */
export const MAX_BATCH_RUNNING = 256
/**
 * Bytes of one answer; a larger one is TOO_LARGE. Once the answers of a batch reach it, the requests that are left are
 * not run.
 */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/**
 * Bytes of notifications that wait for a slow reader before they are dropped and an overflow notice takes their place.
 */
export const MAX_QUEUED_BYTES = 8 * 1024 * 1024
/** Entries in one notification; a larger event becomes several. */
export const MAX_NOTIFIED_ENTRIES = 64
/** Live subscriptions. */
export const MAX_SUBSCRIPTIONS = 64
/** Connections to one node. */
export const MAX_CONNECTIONS = 128
/** Connections beyond those, for `status`, `doctor` and `stop`, when programs have taken all the others. */
export const OPERATOR_CONNECTIONS = 16
/** Milliseconds in which a node answers that it is there, before the command line calls it silent. */
export const ANSWER_MS = 5000
/** Milliseconds without a byte after which an incomplete message ends its connection. */
export const INCOMPLETE_IDLE_MS = 30_000
/** Milliseconds for the last answers to be read, once everything is answered. */
export const LINGER_MS = 10_000
/** Bytes of a socket path: `sun_path` of Linux is 108 with its closing NUL. */
export const MAX_SOCKET_PATH_BYTES = 107
/** Milliseconds that a stopping node gives the calls that are being answered. */
export const STOP_GRACE_MS = 3000
