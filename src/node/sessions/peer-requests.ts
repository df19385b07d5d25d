/**
 * Requests to one peer, over its hello stream or a separate stream, and the disconnection of a dishonest peer. All
 * throw UNREACHABLE for a peer that has not introduced itself.
 */
import { EVIDENCE_IDS, type HeadsResult } from '../../../protocols/hello/index.js'
import { fetchKeyEntries, fetchPayloads, fetchRange, pull, type PayloadItem } from '../../../protocols/pull/index.js'
import type { WireEntry, WireHead, WireKeyEntry } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Host } from '../../network/host.js'
import type { Log } from '../../ports.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { ErrorCode } from '../../core/errors.js'
import type { PeerSessions } from './peer-sessions.js'
import { wantedHead } from './serve-hello.js'

/** Entries that travel on the hello stream instead of a stream of their own (DESIGN §5). */
const MAX_GAP = 64

/** How long a peer is refused after it sent data that it could have known to be wrong. */
const BAN_MS = 10 * 60_000

export interface PeerRequestsInit {
  /** The one that all peers belong to. */
  network: string
  ledgers: Ledgers
  host: () => Host
  sessions: Pick<PeerSessions, 'of'>
  log: Log
}

export class PeerRequests {
  readonly network: string
  readonly #init: PeerRequestsInit

  constructor(init: PeerRequestsInit) {
    this.network = init.network
    this.#init = init
  }

  /** As much as the peer answers in one call; the rest is `unanswered`. */
  async askHeads(
    peer: string,
    wanted: { ledger: LedgerId; size: number }[],
    signal: AbortSignal
  ): Promise<HeadsResult> {
    const session = this.#init.sessions.of(peer)
    const namesIds = session.intro.features.includes(EVIDENCE_IDS)
    return await session.askHeads(
      await Promise.all(
        wanted.map(async ({ ledger, size }) => await wantedHead(ledger, size, this.#init.ledgers.get(ledger), namesIds))
      ),
      { signal }
    )
  }

  /**
   * The peer's head of a ledger, requested without a size or hash that could be repeated as the answer; null: it shows
   * none.
   */
  async askHeadBlind(peer: string, ledger: LedgerId, signal: AbortSignal): Promise<WireHead | null> {
    const { heads } = await this.#init.sessions.of(peer).askHeads([{ ledger, size: 0 }], { signal })
    return heads[0] ?? null
  }

  /** Entries from `from` on: at least one, at most `count`. Small gaps travel on the hello stream. */
  async fetchRange(
    peer: string,
    request: { ledger: LedgerId; from: number; count: number; filters: Wanted },
    signal: AbortSignal
  ): Promise<WireEntry[]> {
    const { ledger, from, count, filters } = request
    if (count <= MAX_GAP && filters === null)
      return await this.#init.sessions.of(peer).askEntries(ledger, from, count, { signal })
    const stream = await this.#init.host().open(peer, pull, signal)
    return await fetchRange(
      stream,
      {
        ledger,
        from,
        count,
        ...(filters === null
          ? { want: 'full' }
          : filters === 'headers'
            ? { want: 'headers' }
            : { want: 'filtered', filter: filters })
      },
      { signal }
    )
  }

  async fetchPayloads(peer: string, ledger: LedgerId, seqs: number[], signal: AbortSignal): Promise<PayloadItem[]> {
    return await fetchPayloads(await this.#init.host().open(peer, pull, signal), { ledger, seqs }, { signal })
  }

  async fetchKeyEntries(peer: string, ledger: LedgerId, signal: AbortSignal): Promise<WireKeyEntry[]> {
    return await fetchKeyEntries(await this.#init.host().open(peer, pull, signal), ledger, { signal })
  }

  /** The peer sent what it could prove to be wrong. */
  drop(peer: string, code: ErrorCode): void {
    this.#init.log.warn({ event: 'peer.dropped', peer, code }, 'peer dropped for misbehaviour')
    this.#init.host().drop(peer, code, BAN_MS)
  }
}
