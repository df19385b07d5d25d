/** Windows of one schedule. */
export const MAX_WINDOWS = 16
/** The shortest and the longest period, in ms. */
export const MIN_PERIOD_MS = 60_000
export const MAX_PERIOD_MS = 28 * 86_400_000
/** The share of a period by which its turns are shifted, so that nodes do not all meet at the same time. */
export const PERIOD_JITTER = 0.25
/** A turn of a period, or one that was asked for, that is not done after so many ms, ends: the next one goes on. */
export const TURN_MAX_MS = 3_600_000

/** Priorities of remotes, and that of one of which nothing is said. Each step doubles a share. */
export const MAX_PRIORITY = 9
export const DEFAULT_PRIORITY = 5

/** The smallest bandwidth cap, in KiB/s: below it a single entry takes longer than any deadline. */
export const MIN_CAP_KIB = 16
export const MAX_CAP_KIB = 16 * 1024 * 1024
/** The burst of a bandwidth cap, in ms of it. */
export const CAP_BURST_MS = 1_000
/** A range that is fetched under a cap is as large as this many ms of it, one entry at least. */
export const CAP_BATCH_MS = 4_000

/** Transitions kept of each job, and of them on disk. */
export const JOB_HISTORY = 32
export const JOB_HISTORY_KEPT = 8

/** The most ranges that a node may be told to fetch at once. */
export const MAX_JOBS = 1_024
