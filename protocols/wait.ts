import { WireError, wireError } from './codes.js'

/** Every await on the wire takes these: none may wait for ever. */
export interface WaitOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds until TIMEOUT; without it only the signal ends the wait. */
  timeoutMs?: number | undefined
}

/**
 * Waits until `arm`'s first callback is called; its second one, the signal (CLOSED) or the timeout (TIMEOUT) fail the
 * wait.
 * A timer per wait, not AbortSignal.any: sessions live for weeks and wait millions of times on one signal.
 */
export async function waitFor(
  options: WaitOptions,
  arm: (wake: () => void, fail: (error: unknown) => void) => (() => void) | undefined
): Promise<void> {
  const { signal, timeoutMs } = options
  throwIfAborted(signal)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => {
    reject(wireError(signal?.reason))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  const timer =
    timeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          reject(new WireError('TIMEOUT', `nothing for ${timeoutMs} ms`))
        }, timeoutMs)
  const disarm = arm(resolve, (error) => {
    reject(wireError(error))
  })
  try {
    await promise
  } finally {
    disarm?.()
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw wireError(signal.reason)
}
