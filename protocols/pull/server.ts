import { pipe } from 'it-pipe'
import { asOurs } from '../as-ours.js'
import { WireError } from '../codes.js'
import { inTime } from '../in-time.js'
import { serveRequest } from '../serve-request.js'
import { compress } from '../zstd.js'
import { DEADLINES } from './deadlines.js'
import {
  BUSY_RETRY_MS,
  MAX_FRAME_BYTES,
  MAX_GROUP_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_ITEMS,
  MAX_KEY_ENTRIES,
  MAX_OUTBOUND_STREAMS,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES,
  MAX_SERVED
} from './limits.js'
import { decodeRequest, type Request } from './request.js'
import { encodeResponse, entryItems, payloadItems, type ItemCodec, type Response } from './response.js'
import type { FrameStream } from '../frame-stream.js'
import type { Protocol } from '../protocol.js'
import type { PullDeadlines, PullSource } from './contract.js'

/** One pull protocol to mount; the deadlines that are not given are those of limits.ts. */
export function pullProtocol(deadlines: Partial<PullDeadlines> = {}): Protocol<PullSource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'pull',
    version: 1,
    limits: {
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      maxFrameBytes: MAX_FRAME_BYTES,
      maxServed: MAX_SERVED
    },
    serve: async (stream, peer, source, signal) => {
      await serve(stream, peer, source, signal, times)
    }
  }
}

export const pull = pullProtocol()

async function serve(
  stream: FrameStream,
  peer: string,
  source: PullSource,
  outer: AbortSignal,
  times: PullDeadlines
): Promise<void> {
  await serveRequest(
    stream,
    outer,
    { times, maxBytes: MAX_REQUEST_BYTES, encodeRefusal },
    async (frame, sendFrame, signal) => {
      const send: Send = async (response) => {
        await sendFrame(asOurs(() => encodeResponse(response)))
      }
      const count = await answer(decodeRequest(frame), peer, source, send, signal, times)
      await send({ kind: 'end', count })
    }
  )
}

function encodeRefusal(error: WireError): Uint8Array {
  return encodeResponse({ kind: 'refused', error })
}

type Send = (response: Response) => Promise<void>

/** Sends the OK frames; the number of items in them. */
async function answer(
  request: Request,
  peer: string,
  source: PullSource,
  send: Send,
  signal: AbortSignal,
  times: PullDeadlines
): Promise<number> {
  const { ledger } = request
  // SPEC pull §3: "A server that has nothing to send after 5 s may answer BUSY."
  const soon = async <T>(start: () => Promise<T>): Promise<T> => inTime(start, signal, times.busyAfterMs, BUSY_RETRY_MS)
  switch (request.kind) {
    case 'head':
      await send({ kind: 'head', head: await soon(async () => source.head(peer, ledger, signal)) })
      return 1
    case 'evidence': {
      const evidence = await soon(async () => source.evidence(peer, ledger, signal))
      if (evidence === null) return 0
      await send({ kind: 'evidence', evidence })
      return 1
    }
    case 'keyEntries': {
      const entries = await soon(async () => source.keyEntries(peer, ledger, signal))
      if (entries.length === 0) throw new WireError('UNAVAILABLE', 'no key entries')
      return sendItems(
        entries.slice(0, MAX_KEY_ENTRIES).map((entry) => ({ ...entry, payload: null })),
        entryItems,
        MAX_KEY_ENTRIES,
        send
      )
    }
    case 'range': {
      const entries = await soon(async () => started(await source.range(peer, request.range, signal)))
      return sendItems(entries, entryItems, request.range.count, send)
    }
    case 'payloads': {
      const items = await soon(async () => started(await source.payloads(peer, request.payloads, signal)))
      return sendItems(items, payloadItems, request.payloads.seqs.length, send)
    }
  }
}

/**
 * The iterable with its first item already there: until then its failures are refusals. Throws UNAVAILABLE when it is
 * empty.
 */
async function started<T>(items: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = items[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) throw new WireError('UNAVAILABLE', 'nothing to send')
  return (async function* () {
    try {
      yield first.value
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  })()
}

async function sendItems<T>(
  items: AsyncIterable<T> | Iterable<T>,
  codec: ItemCodec<T>,
  max: number,
  send: Send
): Promise<number> {
  return pipe(
    items,
    (source) => group(source, codec, Math.min(max, MAX_ITEMS)),
    async (groups) => {
      let count = 0
      for await (const { bytes, items: size } of groups) {
        await send({ kind: 'group', inflated: bytes.byteLength, data: await compress(bytes) })
        count += size
      }
      return count
    }
  )
}

async function* group<T>(
  items: AsyncIterable<T> | Iterable<T>,
  codec: ItemCodec<T>,
  max: number
): AsyncGenerator<{ bytes: Uint8Array; items: number }> {
  let waiting: T[] = []
  let waitingBytes = 0
  let total = 0
  let count = 0
  for await (const item of items) {
    const size = codec.sizeOf(item)
    if (count > 0 && total + size > MAX_REPLY_BYTES) break
    if (waiting.length > 0 && waitingBytes + size > MAX_GROUP_BYTES) {
      yield { bytes: asOurs(() => codec.encode(waiting)), items: waiting.length }
      waiting = []
      waitingBytes = 0
    }
    waiting.push(item)
    waitingBytes += size
    total += size
    if (++count === max) break
  }
  if (waiting.length > 0) yield { bytes: asOurs(() => codec.encode(waiting)), items: waiting.length }
}
