import { WireError, wireError } from '../codes.js'
import { invalid } from '../fields.js'
import { DEADLINES, decodeResponse, encodeRequest, sizeOf } from './frame.js'
import { MAX_ITEMS, MAX_REPLY_BYTES } from './limits.js'
import { nothingMore } from '../nothing-more.js'
import type { FrameStream } from '../frame-stream.js'
import type { WaitOptions } from '../wait.js'
import type { AttestItem, AttestRequest, FetchOptions } from './contract.js'

/** What the peer passes on, at most 256. Uses up the stream; throws WireErrors only. The caller verifies the items. */
export async function fetchAttestations(
  stream: FrameStream,
  request: AttestRequest,
  options: FetchOptions
): Promise<AttestItem[]> {
  const frame = encodeRequest(request)
  const times = { ...DEADLINES, ...options.deadlines }
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(times.totalMs)])
  const wait = { signal, timeoutMs: times.stallMs }
  try {
    await stream.write(frame, wait)
    await stream.closeWrite(wait)
    const items = await readReply(stream, wait)
    await nothingMore(stream, { signal, timeoutMs: times.closeMs })
    return items
  } catch (error) {
    stream.abort(error)
    throw wireError(error)
  }
}

async function readReply(stream: FrameStream, wait: WaitOptions): Promise<AttestItem[]> {
  const items: AttestItem[] = []
  let bytes = 0
  for await (const frame of stream.frames(wait)) {
    const response = decodeResponse(frame)
    if (response.kind === 'refused')
      throw items.length === 0 ? response.error : new WireError('INVALID_FRAME', 'a refusal inside a reply')
    if (response.kind === 'end')
      return response.count === items.length ? items : invalid(`END counts ${response.count} of ${items.length} items`)
    items.push(...response.items)
    bytes += response.items.reduce((sum, item) => sum + sizeOf(item), 0)
    if (items.length > MAX_ITEMS || bytes > MAX_REPLY_BYTES)
      throw new WireError('TOO_LARGE', 'a reply above the limits')
  }
  // SPEC attest §3: "A stream that ends before END is a failure, whatever has arrived."
  throw new WireError('TRUNCATED', 'the reply ended without an END frame')
}
