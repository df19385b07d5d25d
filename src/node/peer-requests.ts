/** What a node asks of one peer, over the peer's hello stream or a stream of its own. */
import type { HeadsResult, HelloSession } from '../../protocols/hello/index.js'
import { fetchKeyEntries, fetchPayloads, fetchRange, pull, type PayloadItem } from '../../protocols/pull/index.js'
import type { WireEntry, WireKeyEntry } from '../../protocols/wire.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Host } from '../network/host.js'
import type { Wanted } from './filters.js'
import { wantedHead } from './hello-answers.js'

/** Entries that travel on the hello stream instead of a stream of their own (DESIGN §5). */
const MAX_GAP = 64

export abstract class PeerRequests {
  readonly #ledgers: Ledgers

  constructor (ledgers: Ledgers) {
    this.#ledgers = ledgers
  }

  abstract get host (): Host
  /** Throws UNREACHABLE for a peer that has not introduced itself. */
  abstract session (peer: string): HelloSession

  /** As much as the peer answers at once; the rest is `unanswered`. */
  async askHeads (peer: string, wanted: { ledger: LedgerId, size: number }[], signal: AbortSignal): Promise<HeadsResult> {
    return await this.session(peer).askHeads(wanted.map(({ ledger, size }) => wantedHead(ledger, size, this.#ledgers.get(ledger))), { signal })
  }

  /** Entries from `from` on: at least one, at most `count`. Small gaps travel on the hello stream. */
  async fetchRange (peer: string, request: { ledger: LedgerId, from: number, count: number, filters: Wanted }, signal: AbortSignal): Promise<WireEntry[]> {
    const { ledger, from, count, filters } = request
    if (count <= MAX_GAP && filters === null) return await this.session(peer).askEntries(ledger, from, count, { signal })
    const stream = await this.host.open(peer, pull, signal)
    return await fetchRange(stream, { ledger, from, count, ...(filters === null ? { want: 'full' } : filters === 'headers' ? { want: 'headers' } : { want: 'filtered', filter: filters }) }, { signal })
  }

  async fetchPayloads (peer: string, ledger: LedgerId, seqs: number[], signal: AbortSignal): Promise<PayloadItem[]> {
    return await fetchPayloads(await this.host.open(peer, pull, signal), { ledger, seqs }, { signal })
  }

  async fetchKeyEntries (peer: string, ledger: LedgerId, signal: AbortSignal): Promise<WireKeyEntry[]> {
    return await fetchKeyEntries(await this.host.open(peer, pull, signal), ledger, { signal })
  }
}
