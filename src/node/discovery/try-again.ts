import { jitteredMs, type BackoffMs } from '../../core/backoff.js'
import { isCoded } from '../../core/errors.js'
import { NetworkError } from '../../network/network-error.js'
import type { Clock, Random } from '../../ports.js'
import { pause } from '../runtime/pause.js'

/** Pauses between two attempts, in ms. */
const PAUSE: BackoffMs = { first: 500, last: 4_000 }
/** So often a peer may close the connection before it has introduced itself: a busy one does, and one of another network. */
const MAX_CLOSED = 3

/**
 * A peer that was busy is asked again, after growing pauses, until the signal fires: then the last failure is thrown.
 * What another attempt will not change is thrown at once, such as a port on which nobody listens.
 */
export async function tryAgain<T>(
  attempt: () => Promise<T>,
  { clock, random, signal }: { clock: Clock; random: Pick<Random, 'next'>; signal: AbortSignal }
): Promise<T> {
  let closed = 0
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      if (wasClosed(error)) closed++
      else if (!wasBusy(error)) throw error
      if (signal.aborted || closed === MAX_CLOSED) throw error
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

/** Without a word: a refusal in words has the words as its cause. */
function wasClosed(error: unknown): boolean {
  if (!isCoded(error, 'REFUSED')) return false
  return error.cause === undefined || (error.cause instanceof NetworkError && error.cause.wasClosed)
}
