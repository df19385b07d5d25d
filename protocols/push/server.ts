import { asOurs } from '../as-ours.js'
import { WireError } from '../codes.js'
import { inTime } from '../in-time.js'
import { serveRequest, type SendFrame } from '../serve-request.js'
import { DEADLINES } from './deadlines.js'
import {
  BUSY_RETRY_MS,
  MAX_FRAME_BYTES,
  MAX_FRAMES,
  MAX_INBOUND_STREAMS,
  MAX_OUTBOUND_STREAMS,
  MAX_REQUEST_BYTES,
  MAX_SERVED,
  QUOTA_BURST_UNITS,
  QUOTA_UNITS_PER_SECOND
} from './limits.js'
import { decodeRequest } from './request.js'
import { encodeResponse } from './response.js'
import type { FrameStream } from '../frame-stream.js'
import type { Protocol } from '../protocol.js'
import type { PushDeadlines, PushNews, PushSource } from './contract.js'

/**
 * Units that the decision about one offer costs the offerer, beside the bytes: a signature, and perhaps a fetch of key
 * entries.
 */
const OFFER_UNITS = 1

/** One push protocol to mount; the deadlines that are not given are those of limits.ts. */
export function pushProtocol(deadlines: Partial<PushDeadlines> = {}): Protocol<PushSource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'push',
    version: 1,
    limits: {
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      maxFrameBytes: MAX_FRAME_BYTES,
      maxServed: MAX_SERVED,
      quota: { unitsPerSecond: QUOTA_UNITS_PER_SECOND, burstUnits: QUOTA_BURST_UNITS }
    },
    serve: async (stream, peer, source, signal) => {
      await serve(stream, peer, source, signal, times)
    }
  }
}

export const push = pushProtocol()

async function serve(
  stream: FrameStream,
  peer: string,
  source: PushSource,
  outer: AbortSignal,
  times: PushDeadlines
): Promise<void> {
  // The session's own end comes first; this one is for a source that forgets it.
  const limits = { ...times, totalMs: times.sessionMs + times.stallMs }
  await serveRequest(
    stream,
    outer,
    {
      times: limits,
      maxBytes: MAX_REQUEST_BYTES,
      encodeRefusal: (error) => encodeResponse({ kind: 'refused', error })
    },
    async (frame, send, signal) => {
      const request = decodeRequest(frame)
      await stream.charge(OFFER_UNITS * request.offers.length, signal, Infinity)
      await tell((until) => source.offered(peer, request, until), request.offers.length, send, signal, times)
    }
  )
}

async function tell(
  start: (signal: AbortSignal) => AsyncIterable<PushNews>,
  offers: number,
  send: SendFrame,
  outer: AbortSignal,
  times: PushDeadlines
): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([outer, over.signal])
  const iterator = start(signal)[Symbol.asyncIterator]()
  let count = 0
  try {
    // SPEC push §3: "A server that has not decided the first offer after 15 s says BUSY."
    for (
      let next = await inTime(() => iterator.next(), signal, times.busyAfterMs, BUSY_RETRY_MS);
      next.done !== true;
      next = await iterator.next()
    ) {
      if ((next.value.kind === 'decision') !== count < offers) throw new Error('decisions first, one for each offer')
      if (++count > MAX_FRAMES) throw new Error('the source tells more than a session carries')
      await send(asOurs(() => encodeResponse(next.value as PushNews)))
    }
    if (count < offers) throw new Error('an offer without a decision')
    await send(encodeResponse({ kind: 'end', count }))
  } finally {
    over.abort(new WireError('CLOSED', 'the session is over'))
    await iterator.return?.()
  }
}
