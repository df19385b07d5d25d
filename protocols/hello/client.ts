import { WireError, isViolation, wireError } from '../codes.js'
import { inTime } from '../in-time.js'
import { sayBye } from './bye.js'
import { DEADLINES } from './deadlines.js'
import { decodeFrame, encodeOwn } from './frame.js'
import { BUSY_RETRY_MS } from './limits.js'
import { HelloSession } from './session.js'
import type { FrameStream } from '../frame-stream.js'
import type { HelloDeadlines } from './contract.js'
import type { HelloSource } from './source.js'

/**
 * Introduces both sides on a stream that this side opened, and starts the session; it ends with the stream, `signal`,
 * or `close`. Throws a WireError: DENIED when one side refuses the other.
 */
export async function openHello(
  stream: FrameStream,
  source: HelloSource,
  peer: string,
  signal: AbortSignal,
  deadlines: Partial<HelloDeadlines> = {}
): Promise<HelloSession> {
  const session = await introduce(stream, source, peer, signal, { ...DEADLINES, ...deadlines })
  // It never rejects: how it ended is in `session.error`.
  session.run(signal).catch((error: unknown) => {
    source.onError(peer, error)
  })
  return session
}

/** The part that both sides share: the Intros and the decision about the other one. */
export async function introduce(
  stream: FrameStream,
  source: HelloSource,
  peer: string,
  outer: AbortSignal,
  times: HelloDeadlines
): Promise<HelloSession> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(times.introMs)])
  try {
    const ours = await inTime(async () => source.intro(peer), signal, times.introMs, BUSY_RETRY_MS)
    await stream.write(encodeOwn({ kind: 'intro', intro: ours }), { signal })
    const bytes = await stream.read({ signal })
    if (bytes === null) throw new WireError('TRUNCATED', 'the peer left before its Intro')
    const frame = decodeFrame(bytes)
    if (frame.kind === 'bye') throw new WireError(frame.refusal ?? 'CLOSED', 'the peer does not want to talk')
    // SPEC hello §4: "The first frame of each side is its Intro."
    if (frame.kind !== 'intro') throw new WireError('INVALID_FRAME', 'the first frame is the Intro')
    const session = new HelloSession(stream, source, peer, frame.intro, times)
    await decide(session, source, ours.network, signal, times.introMs)
    return session
  } catch (error) {
    if (isViolation(error)) await sayBye(stream, error, times.closeMs)
    stream.abort(error)
    if (error instanceof WireError) throw error
    source.onError(peer, error)
    throw wireError(error)
  }
}

/** Throws DENIED when the Intro is refused; the peer has then been sent a Bye. */
async function decide(
  session: HelloSession,
  source: HelloSource,
  network: string,
  signal: AbortSignal,
  introMs: number
): Promise<void> {
  try {
    // SPEC hello §4: "An Intro of another network is refused."
    if (session.intro.network !== network)
      throw new WireError('DENIED', `the peer is of network ${session.intro.network}`)
    await inTime(async () => source.onIntro(session), signal, introMs, BUSY_RETRY_MS)
  } catch (error) {
    const refusal =
      error instanceof WireError && (isViolation(error) || error.code === 'BUSY')
        ? error
        : new WireError('DENIED', 'the Intro is refused', { cause: error })
    await session.refuse(refusal)
    throw refusal
  }
}
