import { isRefusal, isViolation, type WireError } from '../codes.js'
import { encodeFrame } from './frame.js'
import type { FrameStream } from '../frame-stream.js'

/**
 * Ends a hello stream: with a Bye and its reason if the other side can still receive it, otherwise with a reset. null:
 * this side leaves. Takes at most about `closeMs` twice; never throws.
 */
export async function sayBye(stream: FrameStream, error: WireError | null, closeMs: number): Promise<void> {
  const refusal = error === null ? null : isRefusal(error.code) ? error.code : 'INVALID'
  // SPEC hello §8: "A side that is too slow or breaks off is reset without one."
  if (error !== null && !isRefusal(error.code) && !isViolation(error)) {
    stream.abort(error)
    return
  }
  try {
    if (stream.writable) await stream.write(encodeFrame({ kind: 'bye', refusal }), { timeoutMs: closeMs })
    await stream.finish({ timeoutMs: closeMs })
  } catch (failure) {
    stream.abort(failure)
  }
}
