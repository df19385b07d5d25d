/**
 * Finds the nodes of a ledger: among known ones, in the DHT, and, when that finds none, by other methods, because
 * unknown peers can fill the first two.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Host } from '../../network/host.js'
import type { Clock } from '../../ports.js'
import { dialKnown } from '../peers/dial-record.js'
import type { Directory } from '../peers/peer-directory.js'
import { deadline } from '../runtime/deadline.js'
import type { Connections } from './connections.js'
import type { DhtProviders } from './dht-providers.js'

/** For one search, with the handshakes and the exchange of records, ms. */
const SEARCH_TIMEOUT_MS = 15_000

/** A further method, which adds the ledger's nodes to the directory. */
export type OtherWay = (ledger: LedgerId, signal: AbortSignal) => Promise<void>

export interface LedgerFinderInit {
  ledgers: Pick<Ledgers, 'get'>
  host: () => Host
  directory: Directory
  providers: () => DhtProviders
  connections: Pick<Connections, 'greetAll'>
  clock: Clock
  stopping: AbortSignal
}

export class LedgerFinder {
  /** To be added to before the start. */
  readonly otherWays: OtherWay[] = []
  readonly #init: LedgerFinderInit

  constructor(init: LedgerFinderInit) {
    this.#init = init
  }

  /**
   * Looks the ledger's nodes up, and connects to them; returns those that the DHT named. `more`: at most so many that
   * were not connected. A private ledger is never searched for, because that would reveal it to unknown peers.
   */
  async findLedger(ledger: LedgerId, more?: number): Promise<string[]> {
    const { ledgers, directory, providers, connections, clock, stopping } = this.#init
    const host = this.#init.host()
    const signal = deadline(clock, SEARCH_TIMEOUT_MS, stopping)
    const isPrivate = ledgers.get(ledger)?.chain?.access === 'private'
    const providing = isPrivate ? Promise.resolve([]) : providers().findLedger(ledger, more)
    await connections.greetAll([...dialKnown({ host, clock }, directory.nodesOf(ledger), signal), providing], signal)
    const found = await providing.catch(() => []) // greetAll has logged it
    if (isPrivate || directory.isMet(ledger) || this.otherWays.length === 0) return found
    const known = new Set(directory.nodesOf(ledger).map(({ record }) => record.peer_id))
    await Promise.allSettled(
      this.otherWays.map(async (way) => {
        await way(ledger, signal)
      })
    )
    await connections.greetAll(
      dialKnown(
        { host, clock },
        directory.nodesOf(ledger).filter(({ record }) => !known.has(record.peer_id)),
        signal
      ),
      signal
    )
    return found
  }

  /** The peers that the DHT names and that could be dialled. */
  async findCapability(capability: string): Promise<string[]> {
    const { providers, connections, clock, stopping } = this.#init
    const signal = deadline(clock, SEARCH_TIMEOUT_MS, stopping)
    const found = await providers().findCapability(capability)
    await connections.greetAll(
      found.map((peer) => Promise.resolve(peer)),
      signal
    )
    return found
  }
}
