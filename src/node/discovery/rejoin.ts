/**
 * A node without any peer dials peers that it was connected to before. No other node may know its address: the address
 * changed, its bootstrap peers are gone for good or it never had any, and it follows no ledger that it would search
 * for.
 */
import { Backoff } from '../../core/backoff.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { KnownNode } from '../peers/peer-directory.js'
import type { PeerHandlers } from '../sessions/peer-handlers.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { deadline } from '../runtime/deadline.js'

/**
 * Delay before a node that has lost its last peer dials known peers, then between two rounds: doubled after each, in
 * ms.
 */
const WAIT_MS = { first: 1_000, last: 60_000 }
/** Nodes dialled in one round. */
const PER_ROUND = 8
/** Time limit of a round, in ms. */
const ROUND_MS = 15_000

export interface RejoinInit {
  peerNetwork: Pick<PeerNetwork, 'connections' | 'directory' | 'host' | 'stopping'>
  clock: Clock
  random: Random
  log: Log
}

export class Rejoin implements PeerHandlers {
  readonly #init: RejoinInit
  readonly #backoff: Backoff
  #cancel: (() => void) | null = null
  #dialling = false
  #stopped = false

  constructor(init: RejoinInit) {
    this.#init = init
    this.#backoff = new Backoff(WAIT_MS, init.random)
  }

  onReady(): void {
    this.#look()
  }

  onPeer(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#backoff.reset()
  }

  onPeerGone(): void {
    this.#look()
  }

  async onStop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    await Promise.resolve()
  }

  #look(): void {
    const { peerNetwork, clock, log } = this.#init
    if (this.#stopped || this.#dialling || this.#cancel !== null || peerNetwork.connections.peers().length > 0) return
    this.#cancel = clock.after(this.#backoff.next(), () => {
      this.#cancel = null
      this.#dialling = true
      this.#round()
        .catch((error: Error) => {
          log.warn({ event: 'rejoin.failed', error: error.message }, 'reconnecting to known peers failed')
        })
        .finally(() => {
          this.#dialling = false
          this.#look()
        })
    })
  }

  async #round(): Promise<void> {
    const { peerNetwork, clock, log } = this.#init
    const signal = deadline(clock, ROUND_MS, peerNetwork.stopping)
    const nodes = this.#chosen()
    for (const result of await Promise.allSettled(
      nodes.map(({ record }) => peerNetwork.connections.connectTo(record, signal))
    )) {
      if (result.status === 'rejected')
        log.debug(
          { event: 'rejoin.unreachable', error: (result.reason as Error).message },
          'a known peer cannot be reached'
        )
    }
  }

  /** Some of the known peers, the latest first, and one at random: the others may be gone for good. */
  #chosen(): KnownNode[] {
    const { peerNetwork, random } = this.#init
    const met = peerNetwork.directory
      .list()
      .filter(({ record, lastSeen }) => lastSeen !== null && record.peer_id !== peerNetwork.host.peerId)
      .toSorted((a, b) => b.lastSeen! - a.lastSeen!)
    const rest = met.slice(PER_ROUND - 1)
    return [...met.slice(0, PER_ROUND - 1), ...rest.slice(Math.floor(random.next() * rest.length)).slice(0, 1)]
  }
}
