import { pipe } from 'it-pipe'
import { WireError, wireError } from '../codes.js'
import { inflate } from '../zstd.js'
import { invalid } from '../fields.js'
import { DEADLINES } from './deadlines.js'
import { MAX_KEY_ENTRIES, MAX_REPLY_BYTES } from './limits.js'
import { encodeRequest, type Request } from './request.js'
import { decodeResponse, entryItems, payloadItems, type ItemCodec, type Response } from './response.js'
import { nothingMore } from '../nothing-more.js'
import type { FrameStream } from '../frame-stream.js'
import type { WireEntry, WireHead, WireKeyEntry } from '../types.js'
import type { FetchOptions, PayloadItem, PayloadsRequest, RangeRequest } from './contract.js'

type Content = Exclude<Response, { kind: 'end' | 'refused' }>

/** The peer's head of a ledger. This and all fetches below use up the stream, and throw WireErrors only. */
export async function fetchHead(stream: FrameStream, ledger: string, options: FetchOptions): Promise<WireHead> {
  const heads = await exchange(stream, { kind: 'head', ledger }, options, 1, async (contents) => {
    const all = await collect(contents, (content) => (content.kind === 'head' ? content.head : invalid('not a head')))
    if (all.length !== 1 || all[0]!.ledger !== ledger) invalid('not the head that was asked for')
    return all
  })
  return heads[0]!
}

/**
 * Entries from `request.from` on: at least one, at most `request.count`, fewer when they are large. The caller checks
 * whether they chain.
 */
export async function fetchRange(
  stream: FrameStream,
  request: RangeRequest,
  options: FetchOptions
): Promise<WireEntry[]> {
  const { ledger, count, want } = request
  const entries = await fetchItems(stream, { kind: 'range', ledger, range: request }, options, entryItems, count)
  if (want === 'headers' && entries.some(({ payload }) => payload !== null))
    throw new WireError('INVALID_FRAME', 'payloads that were not asked for')
  return entries
}

/** The first of the asked payloads: at least one, fewer than asked when they are large; ask again for the rest. */
export async function fetchPayloads(
  stream: FrameStream,
  request: PayloadsRequest,
  options: FetchOptions
): Promise<PayloadItem[]> {
  const { ledger, seqs } = request
  const items = await fetchItems(
    stream,
    { kind: 'payloads', ledger, payloads: request },
    options,
    payloadItems,
    seqs.length
  )
  if (items.some(({ seq }, index) => seq !== seqs[index]))
    throw new WireError('INVALID_FRAME', 'not the payloads that were asked for')
  return items
}

/** Genesis and all rotations that the peer holds, in order. */
export async function fetchKeyEntries(
  stream: FrameStream,
  ledger: string,
  options: FetchOptions
): Promise<WireKeyEntry[]> {
  const entries = await fetchItems(stream, { kind: 'keyEntries', ledger }, options, entryItems, MAX_KEY_ENTRIES)
  return entries.map(({ header, signature, payload }) =>
    payload === null ? { header, signature } : invalid('a key entry has no payload')
  )
}

/** Evidence against the ledger's author; null: the peer has none. */
export async function fetchEvidence(
  stream: FrameStream,
  ledger: string,
  options: FetchOptions
): Promise<Uint8Array | null> {
  const all = await exchange(stream, { kind: 'evidence', ledger }, options, 1, async (contents) =>
    collect(contents, (content) => (content.kind === 'evidence' ? content.evidence : invalid('not evidence')))
  )
  return all[0] ?? null
}

async function fetchItems<T>(
  stream: FrameStream,
  request: Request,
  options: FetchOptions,
  codec: ItemCodec<T>,
  max: number
): Promise<T[]> {
  return exchange(stream, request, options, max, async (contents) => {
    const items = (
      await pipe(
        contents,
        (source) => inflateGroups(source),
        async (groups) => collect(groups, codec.decode, max)
      )
    ).flat()
    if (items.length === 0) invalid('an empty reply')
    return items
  })
}

/**
 * Sends the request, passes the contents of the reply to `read`, and checks the end of the reply. Leaves the stream
 * closed.
 */
async function exchange<T>(
  stream: FrameStream,
  request: Request,
  options: FetchOptions,
  max: number,
  read: (contents: AsyncGenerator<Content>) => Promise<T[]>
): Promise<T[]> {
  const frame = encodeRequest(request)
  const times = { ...DEADLINES, ...options.deadlines }
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(times.totalMs)])
  const end = { count: -1 }
  try {
    await stream.write(frame, { signal, timeoutMs: times.stallMs })
    await stream.closeWrite({ signal, timeoutMs: times.stallMs })
    const items = await pipe(
      stream.frames({ signal, timeoutMs: times.stallMs }),
      (frames) => contents(frames, end),
      read
    )
    if (end.count !== items.length || items.length > max) invalid(`END counts ${end.count} of ${items.length} items`)
    await nothingMore(stream, { signal, timeoutMs: times.closeMs })
    return items
  } catch (error) {
    stream.abort(error)
    throw wireError(error)
  }
}

/** The OK frames up to END. Throws the refusal when the reply is one. */
async function* contents(frames: AsyncIterable<Uint8Array>, end: { count: number }): AsyncGenerator<Content> {
  let first = true
  for await (const frame of frames) {
    const response = decodeResponse(frame)
    if (response.kind === 'refused')
      throw first ? response.error : new WireError('INVALID_FRAME', 'a refusal inside a reply')
    if (response.kind === 'end') {
      end.count = response.count
      return
    }
    yield response
    first = false
  }
  // SPEC pull §3: "A stream that ends before END is a failure, whatever has arrived."
  throw new WireError('TRUNCATED', 'the reply ended without an END frame')
}

/** Each group inflated; what is declared is counted before anything is inflated. */
async function* inflateGroups(contents: AsyncIterable<Content>): AsyncGenerator<Uint8Array> {
  let total = 0
  for await (const content of contents) {
    if (content.kind !== 'group') return invalid('not a group')
    total += content.inflated
    if (total > MAX_REPLY_BYTES) throw new WireError('TOO_LARGE', `a reply of more than ${MAX_REPLY_BYTES} bytes`)
    yield await inflate(content.data, content.inflated)
  }
}

/** Everything decoded; more than `max` pieces (each piece holds an item or more) is refused as it comes. */
async function collect<A, B>(source: AsyncIterable<A>, decode: (value: A) => B, max = 1): Promise<B[]> {
  const all: B[] = []
  let count = 0
  for await (const value of source) {
    const decoded = decode(value)
    count += Array.isArray(decoded) ? decoded.length : 1
    if (count > max) throw new WireError('TOO_LARGE', `more than ${max} items`)
    all.push(decoded)
  }
  return all
}
