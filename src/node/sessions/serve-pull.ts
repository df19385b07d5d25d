/** Serves pull: everything that a peer may read, below a freeze. */
import type { PayloadItem, PayloadsRequest, PullSource, RangeRequest } from '../../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../../protocols/wire.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { LoadMonitor } from '../../network/host.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { HandedOut } from './peer-handlers.js'
import { wants } from '../../core/payload-filter.js'
import { assertUncapped, bytesOf, headOf, servedRange, type ServeHello } from './serve-hello.js'

/** Bytes read from the store per step; the protocol sends as much as fits and stops. */
const READ_BYTES = 1024 * 1024
/** Payloads read at once; each has at most 1 MiB. */
const READ_PAYLOADS = 16
/** Estimated bytes of an item until it was sent, because several requests come at once. */
const ITEM_BYTES = 1024

export class ServePull implements PullSource {
  readonly #hello: ServeHello
  readonly #load: Pick<LoadMonitor, 'calm'>
  readonly #caps: () => HandedOut | null

  constructor(hello: ServeHello, load: Pick<LoadMonitor, 'calm'>, caps: () => HandedOut | null = () => null) {
    this.#hello = hello
    this.#load = load
    this.#caps = caps
  }

  async head(peer: string, id: string): Promise<WireHead> {
    const head = await headOf(this.#hello.allowed(peer, id, 'know'))
    if (head === null) throw new WireError('UNAVAILABLE', 'nothing held yet', { available: { earliest: 0, size: 0 } })
    return head
  }

  async range(
    peer: string,
    { ledger: id, from, count, want, filter }: RangeRequest,
    signal: AbortSignal
  ): Promise<AsyncIterable<WireEntry>> {
    // Expensive answers wait while the node is overloaded; after five seconds the protocol answers BUSY.
    await this.#load.calm(signal)
    const ledger = this.#hello.allowed(peer, id, 'sync')
    const take = this.#reserve(peer, id, count)
    const keep =
      want === 'headers'
        ? () => false
        : want === 'filtered'
          ? (header: Parameters<typeof wants>[1]) => wants(filter ?? null, header)
          : undefined
    const first = await servedRange(ledger, from, { count, bytes: READ_BYTES }, keep)
    // Checked for each read: when a right ends, a running reply ends, too.
    const still = (): LedgerReader => this.#hello.allowed(peer, id, 'sync')
    return counted(entries(still, from, Math.min(from + count, ledger.visible), first, keep), bytesOf, take)
  }

  async payloads(
    peer: string,
    { ledger: id, seqs }: PayloadsRequest,
    signal: AbortSignal
  ): Promise<AsyncIterable<PayloadItem>> {
    await this.#load.calm(signal)
    this.#hello.allowed(peer, id, 'sync')
    const take = this.#reserve(peer, id, seqs.length)
    return counted(
      payloadItems(() => this.#hello.allowed(peer, id, 'sync'), seqs),
      ({ payload }) => payload?.byteLength ?? 0,
      take
    )
  }

  /**
   * Charges the estimate for this many items in advance; the reply then charges the difference to their real size. Key
   * entries, heads and evidence are never capped. Throws BUSY.
   */
  #reserve(peer: string, ledger: LedgerId, items: number): (bytes: number) => void {
    const caps = this.#caps()
    assertUncapped(caps, peer, ledger)
    const reserved = items * ITEM_BYTES
    caps?.took(peer, ledger, reserved)
    return (bytes) => {
      caps?.took(peer, ledger, bytes - reserved)
      caps?.sent(bytes)
    }
  }

  async keyEntries(peer: string, id: string): Promise<WireKeyEntry[]> {
    return await this.#hello.keyEntries(peer, id)
  }

  async evidence(peer: string, id: string): Promise<Uint8Array | null> {
    return await this.#hello.allowed(peer, id, 'know').evidence()
  }
}

async function* entries(
  ledger: () => LedgerReader,
  from: number,
  end: number,
  first: WireEntry[],
  keep?: Parameters<typeof servedRange>[3]
): AsyncGenerator<WireEntry> {
  yield* first
  for (let next = from + first.length; next < end;) {
    const more = await servedRange(ledger(), next, { count: end - next, bytes: READ_BYTES }, keep)
    if (more.length === 0) return // a gap: a damaged entry has to be fetched from another node
    yield* more
    next += more.length
  }
}

async function* payloadItems(ledger: () => LedgerReader, seqs: number[]): AsyncGenerator<PayloadItem> {
  for (let at = 0; at < seqs.length; at += READ_PAYLOADS)
    yield* await ledger().payloads(seqs.slice(at, at + READ_PAYLOADS))
}

async function* counted<T>(
  items: AsyncIterable<T>,
  bytes: (item: T) => number,
  take: (bytes: number) => void
): AsyncGenerator<T> {
  let sum = 0
  try {
    for await (const item of items) {
      sum += bytes(item)
      yield item
    }
  } finally {
    take(sum)
  }
}
