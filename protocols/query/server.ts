import { asOurs } from '../as-ours.js'
import type { FrameStream } from '../frame-stream.js'
import { inTime } from '../in-time.js'
import type { Protocol } from '../protocol.js'
import { serveRequest } from '../serve-request.js'
import type { WireEntry } from '../types.js'
import { compress } from '../zstd.js'
import type { QueryDeadlines, QueryReply, QuerySource } from './contract.js'
import { DEADLINES } from './deadlines.js'
import {
  BUSY_RETRY_MS,
  EXAMINED_PER_UNIT,
  MAX_FRAME_BYTES,
  MAX_GROUP_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_OUTBOUND_STREAMS,
  MAX_REQUEST_BYTES,
  MAX_SERVED,
  QUOTA_BURST_UNITS,
  QUOTA_UNITS_PER_SECOND
} from './limits.js'
import { decodeRequest } from './request.js'
import { encodeResponse, entryItems, type Response } from './response.js'

/** A query protocol to mount; the deadlines that are not given are those of limits.ts. */
export function queryProtocol(deadlines: Partial<QueryDeadlines> = {}): Protocol<QuerySource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'query',
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

export const query = queryProtocol()

async function serve(
  stream: FrameStream,
  peer: string,
  source: QuerySource,
  outer: AbortSignal,
  times: QueryDeadlines
): Promise<void> {
  await serveRequest(
    stream,
    outer,
    { times, maxBytes: MAX_REQUEST_BYTES, encodeRefusal: (error) => encodeResponse({ kind: 'refused', error }) },
    async (frame, send, signal) => {
      const request = decodeRequest(frame)
      // SPEC query §3: "Each request costs one unit before anything is read for it."
      await stream.charge(1, signal, Infinity)
      // SPEC query §3: "A server that has nothing to send after 5 s may answer BUSY."
      const { reply, examined } = await inTime(
        async () =>
          request.kind === 'select'
            ? await source.select(peer, request.select, signal)
            : await source.get(peer, request.get, signal),
        signal,
        times.busyAfterMs,
        BUSY_RETRY_MS
      )
      const { ledger } = request.kind === 'select' ? request.select : request.get
      await stream.charge(examined / EXAMINED_PER_UNIT, signal, Infinity)
      for await (const response of responses(ledger, reply)) await send(asOurs(() => encodeResponse(response)))
    }
  )
}

async function* responses(ledger: string, reply: QueryReply): AsyncGenerator<Response> {
  const { basis, entries, tree, index, count, ending, all, next } = reply
  const { keyEntries, ...shown } = basis
  yield { kind: 'basis', basis: { ledger, ...shown, keyEntries: keyEntries.length } }
  if (basis.checkpoint !== null) {
    const items = [...keyEntries.map((entry): WireEntry => ({ ...entry, payload: null })), ...entries]
    for (const group of grouped(items)) {
      const bytes = asOurs(() => entryItems.encode(group))
      yield { kind: 'group', inflated: bytes.byteLength, data: await compress(bytes) }
    }
    yield { kind: 'proof', tree, index }
  }
  yield { kind: 'end', end: { count, ending, all, next } }
}

function* grouped(entries: WireEntry[]): Generator<WireEntry[]> {
  let waiting: WireEntry[] = []
  let bytes = 0
  for (const entry of entries) {
    const size = entryItems.sizeOf(entry)
    if (waiting.length > 0 && bytes + size > MAX_GROUP_BYTES) {
      yield waiting
      waiting = []
      bytes = 0
    }
    waiting.push(entry)
    bytes += size
  }
  if (waiting.length > 0) yield waiting
}
