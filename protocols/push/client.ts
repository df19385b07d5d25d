import { WireError, wireError } from '../codes.js'
import { invalid } from '../fields.js'
import { DEADLINES } from './deadlines.js'
import { MAX_FRAMES } from './limits.js'
import { encodeRequest } from './request.js'
import { decodeResponse } from './response.js'
import { nothingMore } from '../nothing-more.js'
import type { FrameStream } from '../frame-stream.js'
import type { WaitOptions } from '../wait.js'
import type { PushNews, PushOptions, PushRequest } from './contract.js'

/**
 * Makes the offers, and yields the receiver's messages until it ends the session. Uses up the stream, also when the
 * caller stops reading early. Throws WireErrors only: DENIED for a node that may not offer here. The messages are only
 * claims of the receiver.
 */
export async function* offer(
  stream: FrameStream,
  request: PushRequest,
  options: PushOptions
): AsyncGenerator<PushNews, void, undefined> {
  const frame = encodeRequest(request)
  const times = { ...DEADLINES, ...options.deadlines }
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(times.sessionMs + times.stallMs)])
  const wait = { signal, timeoutMs: times.stallMs }
  let ended = false
  try {
    await stream.write(frame, wait)
    await stream.closeWrite(wait)
    yield* readSession(stream, request, wait)
    await nothingMore(stream, { signal, timeoutMs: times.closeMs })
    ended = true
  } catch (error) {
    throw wireError(error)
  } finally {
    if (!ended) stream.abort(new WireError('CLOSED', 'the session is over'))
  }
}

async function* readSession(
  stream: FrameStream,
  { offers }: PushRequest,
  wait: WaitOptions
): AsyncGenerator<PushNews, void, undefined> {
  const watched = new Set<string>()
  let count = 0
  for await (const frame of stream.frames(wait)) {
    const response = decodeResponse(frame)
    if (response.kind === 'refused')
      throw count === 0 ? response.error : new WireError('INVALID_FRAME', 'a refusal inside a session')
    // SPEC push §3: "END, with the `count` of OK frames, comes after all decisions."
    if (response.kind === 'end')
      return count >= offers.length && response.count === count
        ? undefined
        : invalid(`END counts ${response.count} of ${count} frames`)
    if (count === MAX_FRAMES) throw new WireError('TOO_LARGE', `more than ${MAX_FRAMES} frames`)
    check(response, count < offers.length ? offers[count]!.ledger : null, watched)
    count++
    yield response
  }
  // SPEC push §3: "A stream that ends before END is a failure, whatever has arrived."
  throw new WireError('TRUNCATED', 'the session ended without an END frame')
}

// SPEC push §3: "First one decision for each offer, in the order of the offers; then progress and results about those
// that were accepted."
function check(news: PushNews, undecided: string | null, watched: Set<string>): void {
  if (news.kind === 'decision') {
    if (news.decision.ledger !== undecided) invalid('not the decision that is next')
    if (news.decision.decision === 'accepted') watched.add(undecided)
    return
  }
  if (undecided !== null) invalid('news before all decisions')
  if (!watched.has(news.kind === 'progress' ? news.progress.ledger : news.results.ledger))
    invalid('news of a ledger that was not accepted')
}
