import { WireError, isRefusal, isViolation } from './codes.js'
import type { FrameStream } from './frame-stream.js'

/**
 * All in ms: for the request, for a write that the remote does not take, for everything, for the remote to close its
 * side.
 */
export interface RequestTimes {
  requestMs: number
  stallMs: number
  totalMs: number
  closeMs: number
}

export interface RequestRules {
  times: RequestTimes
  /** Of the request. */
  maxBytes: number
  /** The frame that refuses. */
  encodeRefusal: (error: WireError) => Uint8Array
}

/** Sends one frame of the reply; once it resolved, it is too late for a refusal. */
export type SendFrame = (frame: Uint8Array) => Promise<void>

/**
 * One request on a stream of its own: `answer` gets its frame and sends all frames of the reply. An error that it
 * throws is sent as a refusal or resets the stream, and is rethrown unless it was a refusal.
 */
export async function serveRequest(
  stream: FrameStream,
  outer: AbortSignal,
  rules: RequestRules,
  answer: (request: Uint8Array, send: SendFrame, signal: AbortSignal) => Promise<void>
): Promise<void> {
  const { times, maxBytes } = rules
  const over = new AbortController()
  const signal = AbortSignal.any([outer, over.signal, stream.closed, AbortSignal.timeout(times.totalMs)])
  let started = false
  const send: SendFrame = async (frame) => {
    await stream.write(frame, { signal, timeoutMs: times.stallMs })
    started = true
  }
  try {
    const request = await stream.read({ signal, timeoutMs: times.requestMs, maxBytes })
    if (request === null) throw new WireError('TRUNCATED', 'the stream ended before the request')
    await answer(request, send, signal)
    await stream.finish({ signal: outer, timeoutMs: times.closeMs })
  } catch (error) {
    await refuse(stream, error, started || signal.aborted, outer, rules)
    if (!(error instanceof WireError && isRefusal(error.code))) throw error
  } finally {
    over.abort(new WireError('CLOSED', 'the request is over')) // whatever the source still does
  }
}

// All protocols of one request say the same:
// SPEC pull §3: "A refusal is the first and last frame; later failures reset the stream."
// SPEC attest §3: "A refusal is the first and last frame; later failures reset the stream."
// SPEC registry §3: "A refusal is the first and last frame; later failures reset the stream."
// SPEC query §3: "A refusal is the first and last frame; later failures reset the stream."
// SPEC push §3: "A refusal is the first and last frame; later failures reset the stream."
async function refuse(
  stream: FrameStream,
  error: unknown,
  tooLate: boolean,
  signal: AbortSignal,
  { times, encodeRefusal }: RequestRules
): Promise<void> {
  // Our own failures (anything uncoded) are the peer's to hear as a code; a stream that is gone or stalled is not.
  const answerable = !(error instanceof WireError) || isRefusal(error.code) || isViolation(error)
  if (tooLate || !answerable) {
    stream.abort(error)
    return
  }
  const refusal = error instanceof WireError ? error : new WireError('UNAVAILABLE', 'the source failed')
  try {
    await stream.write(encodeRefusal(refusal), { signal, timeoutMs: times.stallMs })
    await stream.finish({ signal, timeoutMs: times.closeMs })
  } catch (failure) {
    stream.abort(failure)
  }
}
