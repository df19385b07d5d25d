import { WireError, isRefusal, isViolation } from '../codes.js'
import { inTime } from '../in-time.js'
import { DEADLINES, decodeRequest, encodeResponse, sizeOf, type Response } from './frame.js'
import { BUSY_RETRY_MS, MAX_FRAME_BYTES, MAX_GROUP_BYTES, MAX_INBOUND_STREAMS, MAX_ITEMS, MAX_OUTBOUND_STREAMS, MAX_REPLY_BYTES, MAX_REQUEST_BYTES, QUOTA_BURST_UNITS, QUOTA_UNITS_PER_SECOND } from './limits.js'
import type { FrameStream } from '../frame-stream.js'
import type { Protocol } from '../protocol.js'
import type { AttestDeadlines, AttestItem, AttestSource } from './index.js'

/** One attest protocol to mount; the deadlines that are not given are those of limits.ts. */
export function attestProtocol (deadlines: Partial<AttestDeadlines> = {}): Protocol<AttestSource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'attest',
    version: 1,
    limits: { maxInboundStreams: MAX_INBOUND_STREAMS, maxOutboundStreams: MAX_OUTBOUND_STREAMS, maxFrameBytes: MAX_FRAME_BYTES, quota: { unitsPerSecond: QUOTA_UNITS_PER_SECOND, burstUnits: QUOTA_BURST_UNITS } },
    serve: async (stream, peer, source, signal) => { await serve(stream, peer, source, signal, times) }
  }
}

export const attest = attestProtocol()

async function serve (stream: FrameStream, peer: string, source: AttestSource, outer: AbortSignal, times: AttestDeadlines): Promise<void> {
  const over = new AbortController()
  const signal = AbortSignal.any([outer, over.signal, stream.closed, AbortSignal.timeout(times.totalMs)])
  let started = false
  const send = async (response: Response): Promise<void> => {
    await stream.write(encodeResponse(response), { signal, timeoutMs: times.stallMs })
    started = true
  }
  try {
    const frame = await stream.read({ signal, timeoutMs: times.requestMs, maxBytes: MAX_REQUEST_BYTES })
    if (frame === null) throw new WireError('TRUNCATED', 'the stream ended before the request')
    const request = decodeRequest(frame)
    // SPEC attest §3: "A server that has no answer after 5 s says BUSY."
    const items = fitting(await inTime(async () => source.attestations(peer, request, signal), signal, times.busyAfterMs, BUSY_RETRY_MS))
    for (const group of groups(items)) await send({ kind: 'items', items: group })
    await send({ kind: 'end', count: items.length })
    await stream.finish({ signal: outer, timeoutMs: times.closeMs })
  } catch (error) {
    await refuse(stream, error, started || signal.aborted, outer, times)
    if (!(error instanceof WireError && isRefusal(error.code))) throw error
  } finally {
    over.abort(new WireError('CLOSED', 'the request is over'))
  }
}

// SPEC attest §3: "A refusal is the first and last frame; later failures reset the stream."
async function refuse (stream: FrameStream, error: unknown, tooLate: boolean, signal: AbortSignal, times: AttestDeadlines): Promise<void> {
  const answerable = !(error instanceof WireError) || isRefusal(error.code) || isViolation(error)
  if (tooLate || !answerable) {
    stream.abort(error)
    return
  }
  const refusal = error instanceof WireError ? error : new WireError('UNAVAILABLE', 'the source failed')
  try {
    await stream.write(encodeResponse({ kind: 'refused', error: refusal }), { signal, timeoutMs: times.stallMs })
    await stream.finish({ signal, timeoutMs: times.closeMs })
  } catch (failure) {
    stream.abort(failure)
  }
}

/** The first of them, as many as a reply may hold. */
function fitting (items: AttestItem[]): AttestItem[] {
  const fit: AttestItem[] = []
  let bytes = 0
  for (const item of items) {
    bytes += sizeOf(item)
    if (fit.length === MAX_ITEMS || bytes > MAX_REPLY_BYTES) break
    fit.push(item)
  }
  return fit
}

function * groups (items: AttestItem[]): Generator<AttestItem[]> {
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
