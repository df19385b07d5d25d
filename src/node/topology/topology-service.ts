import type { LedgerId } from '../../core/ledger-id.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { PeerTracker } from '../sessions/peer-tracker.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Overview } from '../api/overview.js'
import { makeTopology, type HeldLedger, type KnownPeer } from './make-topology.js'
import { ReferenceCounts } from './reference-counts.js'
import type { Topology } from '../api/topology.js'
import { SOFTWARE, VERSION } from '../runtime/version.js'

/** How long an answer waits for references that are not counted yet. */
const COUNT_WAIT_MS = 1000

export interface TopologyServiceInit {
  ledgers: Ledgers
  follows: { has: (ledger: LedgerId) => boolean }
  peerNetwork: Pick<PeerNetwork, 'capabilities' | 'connections' | 'directory' | 'host'>
  peers: PeerTracker
  overview: Overview
  clock: Clock
  log: Log
}

/** Collects the input of `makeTopology`. */
export class TopologyService {
  readonly #init: TopologyServiceInit
  readonly #references: ReferenceCounts

  constructor(init: TopologyServiceInit) {
    this.#init = init
    this.#references = new ReferenceCounts(() => init.ledgers.list(), init.ledgers.held)
  }

  async stop(): Promise<void> {
    await this.#references.stop()
  }

  async topology(): Promise<Topology> {
    const { ledgers, clock, overview, peerNetwork, peers } = this.#init
    await this.#countReferences()
    return makeTopology({
      at: clock.now(),
      self: ledgers.own.id,
      selfPeer: peerNetwork.host.peerId,
      held: this.#held(),
      peers: [this.#self(), ...knownPeers(peerNetwork)],
      heldByPeers: peers.holdings(),
      references: this.#references.pairs(),
      referencesCounted: this.#references.progress(),
      trust: overview.trust?.() ?? []
    })
  }

  async #countReferences(): Promise<void> {
    const { clock, log } = this.#init
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(COUNT_WAIT_MS, resolve)
    this.#references
      .update()
      .catch((error: Error) => {
        log.warn({ event: 'topology.count-failed', error: error.message }, 'references could not be counted')
      })
      .finally(resolve)
    await promise
    cancel()
  }

  #held(): HeldLedger[] {
    const { ledgers, follows, overview } = this.#init
    const statuses = new Map(overview.sync?.().map((status) => [status.ledger, status]))
    return ledgers.list().map((ledger) => {
      const status = statuses.get(ledger.id)
      return {
        id: ledger.id,
        name: ledger.chain?.name ?? null,
        own: ledger.own,
        followed: follows.has(ledger.id),
        size: ledger.size,
        status: status?.status ?? null,
        stall: status?.stall?.code ?? null,
        filters: status?.filters ?? null,
        access: ledger.chain?.access ?? null,
        frozen: ledger.frozenAt !== null,
        publicKey: ledger.chain?.key ?? null
      }
    })
  }

  #self(): KnownPeer {
    const {
      ledgers: { own },
      clock,
      peerNetwork: { host, capabilities }
    } = this.#init
    const now = clock.now()
    return {
      peer: host.peerId,
      addrs: host.addrs(),
      capabilities,
      connected: true,
      proven: true,
      software: SOFTWARE,
      lastSeen: now,
      ledger: own.id,
      name: own.chain?.name ?? null,
      seq: now,
      metadata: { version: VERSION, streams: [], region: null }
    }
  }
}

function knownPeers(
  peerNetwork: Pick<PeerNetwork, 'capabilities' | 'connections' | 'directory' | 'host'>
): KnownPeer[] {
  return peerNetwork.directory.list().map(({ record, name, software, lastSeen }) => ({
    peer: record.peer_id,
    addrs: record.addrs,
    capabilities: record.capabilities,
    connected: peerNetwork.connections.isConnected(record.peer_id),
    proven: peerNetwork.directory.provenLedger(record.peer_id) === record.ledger,
    software,
    lastSeen,
    ledger: record.ledger,
    name,
    seq: record.seq,
    metadata: record.metadata
  }))
}
