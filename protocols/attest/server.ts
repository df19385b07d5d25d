import { inTime } from '../in-time.js'
import { serveRequest } from '../serve-request.js'
import { DEADLINES, decodeRequest, encodeResponse, sizeOf } from './frame.js'
import {
  BUSY_RETRY_MS,
  MAX_FRAME_BYTES,
  MAX_GROUP_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_ITEMS,
  MAX_OUTBOUND_STREAMS,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  QUOTA_BURST_UNITS,
  QUOTA_UNITS_PER_SECOND
} from './limits.js'
import type { FrameStream } from '../frame-stream.js'
import type { Protocol } from '../protocol.js'
import type { AttestDeadlines, AttestItem, AttestSource } from './contract.js'

/** One attest protocol to mount; the deadlines that are not given are those of limits.ts. */
export function attestProtocol(deadlines: Partial<AttestDeadlines> = {}): Protocol<AttestSource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'attest',
    version: 1,
    limits: {
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      maxFrameBytes: MAX_FRAME_BYTES,
      quota: { unitsPerSecond: QUOTA_UNITS_PER_SECOND, burstUnits: QUOTA_BURST_UNITS }
    },
    serve: async (stream, peer, source, signal) => {
      await serve(stream, peer, source, signal, times)
    }
  }
}

export const attest = attestProtocol()

async function serve(
  stream: FrameStream,
  peer: string,
  source: AttestSource,
  outer: AbortSignal,
  times: AttestDeadlines
): Promise<void> {
  await serveRequest(
    stream,
    outer,
    { times, maxBytes: MAX_REQUEST_BYTES, encodeRefusal: (error) => encodeResponse({ kind: 'refused', error }) },
    async (frame, send, signal) => {
      const request = decodeRequest(frame)
      // SPEC attest §3: "A server that has no answer after 5 s says BUSY."
      const items = fitting(
        await inTime(async () => source.attestations(peer, request, signal), signal, times.busyAfterMs, BUSY_RETRY_MS)
      )
      for (const group of groups(items)) await send(encodeResponse({ kind: 'items', items: group }))
      await send(encodeResponse({ kind: 'end', count: items.length }))
    }
  )
}

/** The first of them, as many as a reply may hold. */
function fitting(items: AttestItem[]): AttestItem[] {
  const fit: AttestItem[] = []
  let bytes = 0
  for (const item of items) {
    bytes += sizeOf(item)
    if (fit.length === MAX_ITEMS || bytes > MAX_REPLY_BYTES) break
    fit.push(item)
  }
  return fit
}

function* groups(items: AttestItem[]): Generator<AttestItem[]> {
  let group: AttestItem[] = []
  let bytes = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (group.length > 0 && bytes + size > MAX_GROUP_BYTES) {
      yield group
      group = []
      bytes = 0
    }
    group.push(item)
    bytes += size
  }
  if (group.length > 0) yield group
}
