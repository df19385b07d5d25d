/** What this node hands out over pull: everything a peer may read, below a freeze. */
import type { PayloadItem, PayloadsRequest, PullSource, RangeRequest } from '../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../protocols/wire.js'
import type { Ledger } from '../ledger/ledger.js'
import type { LoadWatch } from '../network/host.js'
import { wants } from './filters.js'
import { headOf, servedRange, type HelloAnswers } from './hello-answers.js'

/** Bytes read from the store at once; the protocol sends what it takes and stops. */
const READ_BYTES = 1024 * 1024
/** Payloads read at once; each has at most 1 MiB. */
const READ_PAYLOADS = 16

export class PullAnswers implements PullSource {
  readonly #hello: HelloAnswers
  readonly #load: Pick<LoadWatch, 'calm'>

  constructor (hello: HelloAnswers, load: Pick<LoadWatch, 'calm'>) {
    this.#hello = hello
    this.#load = load
  }

  async head (peer: string, id: string): Promise<WireHead> {
    const head = await headOf(this.#hello.allowed(peer, id, 'know'))
    if (head === null) throw new WireError('UNAVAILABLE', 'nothing held yet', { available: { earliest: 0, size: 0 } })
    return head
  }

  async range (peer: string, { ledger: id, from, count, want, filter }: RangeRequest, signal: AbortSignal): Promise<AsyncIterable<WireEntry>> {
    // What takes long to answer waits for better times; after five seconds of it the protocol says BUSY.
    await this.#load.calm(signal)
    const ledger = this.#hello.allowed(peer, id, 'sync')
    const keep = want === 'headers' ? () => false : want === 'filtered' ? (header: Parameters<typeof wants>[1]) => wants(filter ?? null, header) : undefined
    const first = await servedRange(ledger, from, { count, bytes: READ_BYTES }, keep)
    // Asked again for each read: a right that ends, ends a reply that is under way.
    const still = (): Ledger => this.#hello.allowed(peer, id, 'sync')
    return entries(still, from, Math.min(from + count, ledger.visible), first, keep)
  }

  async payloads (peer: string, { ledger: id, seqs }: PayloadsRequest, signal: AbortSignal): Promise<AsyncIterable<PayloadItem>> {
    await this.#load.calm(signal)
    this.#hello.allowed(peer, id, 'sync')
    return payloadItems(() => this.#hello.allowed(peer, id, 'sync'), seqs)
  }

  async keyEntries (peer: string, id: string): Promise<WireKeyEntry[]> {
    return await this.#hello.keyEntries(peer, id)
  }

  async evidence (peer: string, id: string): Promise<Uint8Array | null> {
    return await this.#hello.allowed(peer, id, 'know').evidence()
  }
}

async function * entries (ledger: () => Ledger, from: number, end: number, first: WireEntry[], keep?: Parameters<typeof servedRange>[3]): AsyncGenerator<WireEntry> {
  yield * first
  for (let next = from + first.length; next < end;) {
    const more = await servedRange(ledger(), next, { count: end - next, bytes: READ_BYTES }, keep)
    if (more.length === 0) return // a gap: what is damaged here has to come from elsewhere
    yield * more
    next += more.length
  }
}

async function * payloadItems (ledger: () => Ledger, seqs: number[]): AsyncGenerator<PayloadItem> {
  for (let at = 0; at < seqs.length; at += READ_PAYLOADS) yield * await ledger().payloads(seqs.slice(at, at + READ_PAYLOADS))
}
