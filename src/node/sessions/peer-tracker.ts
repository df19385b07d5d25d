import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { PeerNetwork } from './peer-network.js'
import type { PeerHandlers } from './peer-handlers.js'
import type { NetworkEvents } from '../events/network-events.js'

/** Watches peers connect and disconnect: notifies subscribers, and remembers the clock offset of each peer. */
export class PeerTracker {
  readonly #peerNetwork: Pick<PeerNetwork, 'directory' | 'use'>
  readonly #events: NetworkEvents
  readonly #clock: Clock
  readonly #ledgers: Ledgers
  /** Peer → its clock minus ours in ms, when it introduced itself. */
  readonly #offsets = new Map<string, number>()
  /** Peer → ledger held here → entries that the peer claimed to hold of it. */
  readonly #holdings = new Map<string, Map<LedgerId, number>>()

  constructor(init: {
    peerNetwork: Pick<PeerNetwork, 'directory' | 'use'>
    events: NetworkEvents
    clock: Clock
    ledgers: Ledgers
  }) {
    this.#peerNetwork = init.peerNetwork
    this.#events = init.events
    this.#clock = init.clock
    this.#ledgers = init.ledgers
  }

  /** To be called before the network starts. */
  start(): void {
    this.#peerNetwork.directory.onRecord(({ record, name }) => {
      const { peer_id: peer, ledger, addrs, capabilities, expires } = record
      this.#events.publish({ kind: 'record', peer, ledger, name, addrs, capabilities, expires })
    })
    const handlers: PeerHandlers = {
      onPeer: (peer, { clockMs, software }) => {
        this.#offsets.set(peer, clockMs - this.#clock.now())
        const known = this.#peerNetwork.directory.get(peer)
        this.#events.publish({
          kind: 'connected',
          peer,
          ledger: known?.record.ledger ?? null,
          name: known?.name ?? null,
          software
        })
      },
      onPeerGone: (peer) => {
        this.#offsets.delete(peer)
        this.#holdings.delete(peer)
        this.#events.publish({
          kind: 'disconnected',
          peer,
          ledger: this.#peerNetwork.directory.get(peer)?.record.ledger ?? null
        })
      },
      onAsked: (peer, wanted) => {
        // Only for held ledgers, so that memory used for a peer is bounded.
        const held = this.#holdings.get(peer) ?? new Map<LedgerId, number>()
        for (const { ledger, size } of wanted) if (this.#ledgers.get(ledger) !== undefined) held.set(ledger, size)
        if (held.size > 0 && this.#offsets.has(peer)) this.#holdings.set(peer, held)
      }
    }
    this.#peerNetwork.use(handlers)
  }

  /** Which connected peer claimed to hold how many entries of which ledger. */
  holdings(): { peer: string; ledger: LedgerId; size: number }[] {
    return [...this.#holdings].flatMap(([peer, ledgers]) =>
      [...ledgers].map(([ledger, size]) => ({ peer, ledger, size }))
    )
  }

  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets(): number[] {
    return [...this.#offsets.values()]
  }
}
