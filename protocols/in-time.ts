import { WireError } from './codes.js'
import { waitFor } from './wait.js'

/**
 * The result of `start`, or BUSY{retryMs} when it takes longer than `ms`: a busy server delays, and then says so.
 * Errors of `start` are rethrown unchanged; CLOSED when the signal fires.
 */
export async function inTime<T>(start: () => Promise<T>, signal: AbortSignal, ms: number, retryMs: number): Promise<T> {
  let outcome: { value: T } | { error: unknown } | undefined
  try {
    await waitFor({ signal, timeoutMs: ms }, (wake) => {
      start()
        .then(
          (value) => {
            outcome = { value }
          },
          (error: unknown) => {
            outcome = { error }
          }
        )
        .finally(wake)
      return undefined
    })
  } catch (error) {
    if (error instanceof WireError && error.code === 'TIMEOUT')
      throw new WireError('BUSY', `nothing from the source for ${ms} ms`, { retryMs })
    throw error
  }
  if ('error' in outcome!) throw outcome.error
  return outcome!.value
}
