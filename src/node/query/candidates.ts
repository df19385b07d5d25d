/**
 * Finds peers that may have a ledger that is not held here: its own nodes, subscribers of its topic, and nodes that the
 * DHT or a registry names. No other peer is asked, because a query reveals the asker's interest.
 */
import { announceTopic } from '../../../protocols/announce/index.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Candidate } from '../../query/types.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { TrustService } from '../trust/trust-service.js'
import { isOwner } from './ask-peer.js'
import type { PeerStats } from './peer-stats.js'

export interface CandidatesInit {
  network: string
  peerNetwork: Pick<PeerNetwork, 'host' | 'directory' | 'connections' | 'finder'>
  trust: Pick<TrustService, 'levelMilli'>
  stats: PeerStats
}

/** Ledgers whose peers are looked up at the same time. */
const MAX_LOOKING = 8
/** With this many connected peers no further ones are looked up. */
const ENOUGH = 2
/** Most candidates for one ledger. */
const MAX_CANDIDATES = 32

export class Candidates {
  readonly #init: CandidatesInit
  #looking = 0
  readonly #waiting: (() => void)[] = []

  constructor(init: CandidatesInit) {
    this.#init = init
  }

  /** The connected candidates. */
  of(ledger: LedgerId, found: readonly string[] = []): Candidate[] {
    const { network, peerNetwork } = this.#init
    const { directory, host, connections } = peerNetwork
    const nodes = directory.nodesOf(ledger).map(({ record }) => record.peer_id)
    const peers = new Set([...nodes, ...host.subscribers(announceTopic(network, ledger)), ...found])
    return [...peers]
      .filter((peer) => connections.isConnected(peer))
      .slice(0, MAX_CANDIDATES)
      .map((peer) => this.#candidate(peer, ledger))
  }

  #candidate(peer: string, ledger: LedgerId): Candidate {
    const { peerNetwork, trust, stats } = this.#init
    const { directory, connections } = peerNetwork
    const { latencyMs, success } = stats.of(peer)
    const speaksFor = directory.provenLedger(peer)
    return {
      peer,
      isOwner: isOwner(directory, peer, ledger),
      isConnected: connections.isConnected(peer),
      trustMilli: speaksFor === null ? 0 : trust.levelMilli(speaksFor),
      latencyMs,
      success
    }
  }

  /** The connected candidates, and if they are few, also those that can be found. */
  async look(ledger: LedgerId, signal: AbortSignal): Promise<Candidate[]> {
    const atHand = this.of(ledger)
    if (atHand.length >= ENOUGH) return atHand
    if (this.#looking >= MAX_LOOKING) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (signal.aborted) {
      this.#waiting.shift()?.()
      return atHand
    }
    this.#looking++
    try {
      return this.of(ledger, await this.#init.peerNetwork.finder.findLedger(ledger))
    } finally {
      this.#looking--
      this.#waiting.shift()?.()
    }
  }
}
