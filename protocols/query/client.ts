import { WireError, wireError } from '../codes.js'
import { invalid } from '../fields.js'
import { nothingMore } from '../nothing-more.js'
import type { FrameStream } from '../frame-stream.js'
import type { WireEntry } from '../types.js'
import { inflate } from '../zstd.js'
import type { AskOptions, GetRequest, QueryReply, SelectRequest, Want, WireIndex } from './contract.js'
import { DEADLINES } from './deadlines.js'
import { MAX_ITEMS, MAX_KEY_BYTES, MAX_REPLY_BYTES } from './limits.js'
import { encodeRequest, type Request } from './request.js'
import { decodeResponse, entryItems, type BasisFrame, type EndFrame, type Response } from './response.js'

/**
 * A page of the ledger's entries that match. This and `askGet` use up the stream, and throw WireErrors only. The caller
 * checks the entries, and whether they are under the checkpoint.
 */
export async function askSelect(stream: FrameStream, select: SelectRequest, options: AskOptions): Promise<QueryReply> {
  const { limit, maxBytes, show, from, to, order } = select
  const reply = await exchange(stream, { kind: 'select', select }, options, { items: MAX_ITEMS, bytes: maxBytes })
  if (reply.count > limit) throw new WireError('TOO_LARGE', `more than ${limit} entries that match`)
  // SPEC query §4: "With `show` 1 the reply is never called all, with 2 always."
  if (show === 'matches' ? reply.all : show === 'all' && !reply.all) invalid('not what was to be shown')
  // SPEC query §6: "`proof.index` comes only with a reply that is called all."
  if (reply.index !== null && !reply.all) invalid('an index that shows nothing')
  const { next } = reply
  // SPEC query §6: "`next` lies between `from` and `to`, and a page that is not the last one comes nearer to its end."
  if (
    next !== null &&
    (order === 'asc' ? next <= from || next > (to ?? Infinity) : next < from || next >= (to ?? Infinity))
  )
    invalid('the next page is not a next one')
  return reply
}

/** The entries that are there, in the order of their seqs. */
export async function askGet(stream: FrameStream, get: GetRequest, options: AskOptions): Promise<QueryReply> {
  const { wanted } = get
  const max = 'hashes' in wanted ? wanted.hashes.length : 'seqs' in wanted ? wanted.seqs.length : MAX_ITEMS
  const reply = await exchange(stream, { kind: 'get', get }, options, { items: max, bytes: MAX_REPLY_BYTES })
  if (reply.all || reply.index !== null) invalid('not what was to be shown')
  return reply
}

/** Sends the request, reads the reply and checks how it ends. Leaves the stream closed. */
async function exchange(
  stream: FrameStream,
  request: Request,
  options: AskOptions,
  max: { items: number; bytes: number }
): Promise<QueryReply> {
  const frame = encodeRequest(request)
  const times = { ...DEADLINES, ...options.deadlines }
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(times.totalMs)])
  const { ledger, want } = request.kind === 'select' ? request.select : request.get
  try {
    await stream.write(frame, { signal, timeoutMs: times.stallMs })
    await stream.closeWrite({ signal, timeoutMs: times.stallMs })
    const reply = new Reply(ledger, want, max)
    for await (const bytes of stream.frames({ signal, timeoutMs: times.stallMs })) {
      await reply.take(decodeResponse(bytes))
      if (reply.isOver) break
    }
    const whole = reply.whole()
    await nothingMore(stream, { signal, timeoutMs: times.closeMs })
    return whole
  } catch (error) {
    stream.abort(error)
    throw wireError(error)
  }
}

/** Basis, groups, proof and END, in this order; what is declared is counted before anything is inflated. */
class Reply {
  readonly #ledger: string
  readonly #want: Want
  readonly #max: { items: number; bytes: number }
  #basis: BasisFrame | null = null
  readonly #items: WireEntry[] = []
  #inflated = 0
  #tree: Uint8Array[] | null = null
  #index: WireIndex | null = null
  #end: EndFrame | null = null

  constructor(ledger: string, want: Want, max: { items: number; bytes: number }) {
    this.#ledger = ledger
    this.#want = want
    this.#max = max
  }

  get isOver(): boolean {
    return this.#end !== null
  }

  async take(response: Response): Promise<void> {
    if (response.kind === 'refused')
      throw this.#basis === null ? response.error : new WireError('INVALID_FRAME', 'a refusal inside a reply')
    if (this.#basis === null) {
      if (response.kind !== 'basis' || response.basis.ledger !== this.#ledger)
        return invalid('not the basis that was due')
      this.#basis = response.basis
    } else if (response.kind === 'end') this.#end = response.end
    else if (this.#basis.checkpoint === null || this.#tree !== null) invalid('only END may follow')
    else if (response.kind === 'proof') [this.#tree, this.#index] = [response.tree, response.index]
    else if (response.kind === 'group') await this.#takeGroup(response.inflated, response.data)
    else invalid('a second basis')
  }

  async #takeGroup(inflated: number, data: Uint8Array): Promise<void> {
    this.#inflated += inflated
    // One entry may be larger than what was asked for, and so may the group that it is in.
    const { bytes } = this.#max
    if (this.#inflated - inflated > bytes + MAX_KEY_BYTES) throw new WireError('TOO_LARGE', 'a reply of too many bytes')
    this.#items.push(...entryItems.decode(await inflate(data, inflated)))
    if (this.#items.length > this.#basis!.keyEntries + this.#max.items)
      throw new WireError('TOO_LARGE', `more than ${this.#max.items} entries`)
  }

  whole(): QueryReply {
    const [basis, end] = [this.#basis, this.#end]
    // SPEC query §3: "A stream that ends before END is a failure, whatever has arrived."
    if (basis === null || end === null) throw new WireError('TRUNCATED', 'the reply ended without an END frame')
    if (basis.checkpoint !== null && this.#tree === null) return invalid('a reply without its proof')
    const entries = this.#items.slice(basis.keyEntries)
    const keyEntries = this.#items
      .slice(0, basis.keyEntries)
      .map(({ header, signature, payload }) =>
        payload === null ? { header, signature } : invalid('a key entry has no payload')
      )
    if (keyEntries.length !== basis.keyEntries) return invalid('key entries are missing')
    if (this.#want === 'headers' && entries.some(({ payload }) => payload !== null))
      return invalid('payloads that were not asked for')
    const { count, all } = end
    if (all ? count > entries.length : count !== entries.length)
      return invalid(`END counts ${count} of ${entries.length} entries`)
    const { checkpoint, consistency, evidence, indexFault } = basis
    return {
      basis: { checkpoint, keyEntries, consistency, evidence, indexFault },
      entries,
      tree: this.#tree ?? [],
      index: this.#index,
      ...end
    }
  }
}
