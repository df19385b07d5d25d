/** Exceptions of one flow. Beyond this limit the flow stops with TOO_MANY_REFUSED. */
export const MAX_EXCEPTIONS = 100_000
/** Milliseconds until an entry that was refused is tried again: the first pause, and the longest. */
export const EXCEPTION_RETRY_MS = 15 * 60_000
export const EXCEPTION_RETRY_MAX_MS = 4 * 60 * 60_000

/** Doubled with each attempt. */
export function exceptionPause(attempts: number): number {
  return Math.min(EXCEPTION_RETRY_MAX_MS, EXCEPTION_RETRY_MS * 2 ** Math.min(attempts, 16))
}
