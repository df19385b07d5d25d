import { WireError } from '../codes.js'
import type { FrameStream } from '../frame-stream.js'
import { inTime } from '../in-time.js'
import type { Protocol } from '../protocol.js'
import { serveRequest } from '../serve-request.js'
import type { Listing, RegistrySource } from './contract.js'
import {
  BUSY_AFTER_MS,
  BUSY_RETRY_MS,
  CLOSE_TIMEOUT_MS,
  MAX_FRAME_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_LISTINGS,
  MAX_NODES,
  MAX_OUTBOUND_STREAMS,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  REQUEST_TIMEOUT_MS,
  STALL_TIMEOUT_MS,
  TOTAL_TIMEOUT_MS,
  QUOTA_BURST_UNITS,
  QUOTA_UNITS_PER_SECOND
} from './limits.js'
import { decodeRequest, type Request } from './request.js'
import { encodeResponse } from './response.js'

export const registry: Protocol<RegistrySource> = {
  name: 'registry',
  version: 1,
  limits: {
    maxInboundStreams: MAX_INBOUND_STREAMS,
    maxOutboundStreams: MAX_OUTBOUND_STREAMS,
    maxFrameBytes: MAX_FRAME_BYTES,
    quota: { unitsPerSecond: QUOTA_UNITS_PER_SECOND, burstUnits: QUOTA_BURST_UNITS }
  },
  serve
}

const TIMES = {
  requestMs: REQUEST_TIMEOUT_MS,
  stallMs: STALL_TIMEOUT_MS,
  totalMs: TOTAL_TIMEOUT_MS,
  closeMs: CLOSE_TIMEOUT_MS
}

async function serve(stream: FrameStream, peer: string, source: RegistrySource, outer: AbortSignal): Promise<void> {
  await serveRequest(
    stream,
    outer,
    { times: TIMES, maxBytes: MAX_REQUEST_BYTES, encodeRefusal: (error) => encodeResponse({ kind: 'refused', error }) },
    async (frame, send, signal) => {
      const request = decodeRequest(frame)
      const listings = await inTime(
        async () => await answer(request, peer, source, signal),
        signal,
        BUSY_AFTER_MS,
        BUSY_RETRY_MS
      )
      let bytes = 0
      let count = 0
      for (const listing of listings) {
        const encoded = encodeResponse({ kind: 'listing', listing })
        bytes += encoded.byteLength
        if (bytes > MAX_REPLY_BYTES) break
        await send(encoded)
        count++
      }
      await send(encodeResponse({ kind: 'end', count }))
    }
  )
}

async function answer(request: Request, peer: string, source: RegistrySource, signal: AbortSignal): Promise<Listing[]> {
  switch (request.kind) {
    case 'register':
      await source.register(peer, request.record, signal)
      return []
    case 'updateStatus':
      await source.updateStatus(peer, request.ledger, request.status, signal)
      return []
    case 'discover':
      return (await source.discover(peer, request.discover, signal)).slice(
        0,
        Math.min(request.discover.limit, MAX_LISTINGS)
      )
    case 'getLedger': {
      const listings = await source.getLedger(peer, request.ledger, signal)
      if (listings.length === 0) throw new WireError('UNAVAILABLE', 'no node is registered for this ledger')
      return listings.slice(0, MAX_NODES)
    }
  }
}
