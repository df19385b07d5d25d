import { jitteredMs, type BackoffMs } from '../../core/backoff.js'
import { isCoded } from '../../core/errors.js'
import { NetworkError } from '../../network/network-error.js'
import type { Clock, Random } from '../../ports.js'

/** Pauses between two attempts, in ms. */
const PAUSE: BackoffMs = { first: 500, last: 4_000 }

/**
 * A peer that was busy is asked again, after growing pauses, until the signal fires: then the last failure is thrown.
 * What another attempt will not change is thrown at once, such as a port on which nobody listens.
 */
export async function tryAgain<T>(
  attempt: () => Promise<T>,
  { clock, random, signal }: { clock: Clock; random: Pick<Random, 'next'>; signal: AbortSignal }
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || !wasBusy(error)) throw error
      await pause(clock, jitteredMs(failures, PAUSE, random), signal)
      if (signal.aborted) throw error
    }
  }
}

function wasBusy(error: unknown): boolean {
  if (!isCoded(error)) return false
  if (error.code === 'TIMEOUT' || error.code === 'OVERLOADED') return true
  return error.code === 'UNREACHABLE' && error.cause instanceof NetworkError && error.cause.wasLate
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = (): void => {
    resolve()
  }
  const cancel = clock.after(ms, end)
  signal.addEventListener('abort', end, { once: true })
  await promise
  cancel()
  signal.removeEventListener('abort', end)
}
