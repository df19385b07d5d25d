import { WireError, wireError } from '../codes.js'
import { invalid } from '../fields.js'
import { nothingMore } from '../nothing-more.js'
import type { FrameStream } from '../frame-stream.js'
import type { SignedRecord } from '../types.js'
import type { DiscoverRequest, Listing } from './contract.js'
import { CLOSE_TIMEOUT_MS, MAX_NODES, MAX_REPLY_BYTES, STALL_TIMEOUT_MS, TOTAL_TIMEOUT_MS } from './limits.js'
import { encodeRequest, type Request } from './request.js'
import { decodeResponse } from './response.js'

interface Options {
  signal: AbortSignal
}

/** Registers this node's own record. This and all calls below use up the stream, and throw WireErrors only. */
export async function registerAt(stream: FrameStream, record: SignedRecord, options: Options): Promise<void> {
  await exchange(stream, { kind: 'register', record }, options, 0)
}

/** At most `request.limit` listings. The caller verifies them. */
export async function discoverAt(stream: FrameStream, request: DiscoverRequest, options: Options): Promise<Listing[]> {
  return await exchange(stream, { kind: 'discover', discover: request }, options, request.limit)
}

/** Nodes that registered for the ledger, at least one. Throws UNAVAILABLE when there is none. */
export async function getLedgerAt(stream: FrameStream, ledger: string, options: Options): Promise<Listing[]> {
  const listings = await exchange(stream, { kind: 'getLedger', ledger }, options, MAX_NODES)
  if (listings.length === 0) throw new WireError('INVALID_FRAME', 'an empty reply')
  return listings
}

/** Tells whether this node, as registered for the ledger, can be reached from now on. */
export async function updateStatusAt(
  stream: FrameStream,
  ledger: string,
  status: 'online' | 'offline',
  options: Options
): Promise<void> {
  await exchange(stream, { kind: 'updateStatus', ledger, status }, options, 0)
}

async function exchange(stream: FrameStream, request: Request, options: Options, max: number): Promise<Listing[]> {
  const frame = encodeRequest(request)
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TOTAL_TIMEOUT_MS)])
  try {
    await stream.write(frame, { signal, timeoutMs: STALL_TIMEOUT_MS })
    await stream.closeWrite({ signal, timeoutMs: STALL_TIMEOUT_MS })
    const listings = await read(stream, signal, max)
    await nothingMore(stream, { signal, timeoutMs: CLOSE_TIMEOUT_MS })
    return listings
  } catch (error) {
    stream.abort(error)
    throw wireError(error)
  }
}

async function read(stream: FrameStream, signal: AbortSignal, max: number): Promise<Listing[]> {
  const listings: Listing[] = []
  let bytes = 0
  for (;;) {
    const frame = await stream.read({ signal, timeoutMs: STALL_TIMEOUT_MS })
    // SPEC registry §3: "A stream that ends before END is a failure, whatever has arrived."
    if (frame === null) throw new WireError('TRUNCATED', 'the reply ended without an END frame')
    const response = decodeResponse(frame)
    if (response.kind === 'refused')
      throw listings.length === 0 ? response.error : new WireError('INVALID_FRAME', 'a refusal inside a reply')
    if (response.kind === 'end')
      return response.count === listings.length
        ? listings
        : invalid(`END counts ${response.count} of ${listings.length} listings`)
    bytes += frame.byteLength
    if (listings.length === max || bytes > MAX_REPLY_BYTES)
      throw new WireError('TOO_LARGE', `more than ${max} listings, or than ${MAX_REPLY_BYTES} bytes of them`)
    listings.push(response.listing)
  }
}
