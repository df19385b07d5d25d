import type { Clock } from '../ports.js'
import type { Mesh, MeshHandlers } from './mesh.js'
import type { NetworkEvents } from './network-events.js'

/** Watches who comes and goes: tells subscribers, and remembers how far each peer's clock is from ours. */
export class PeerWatch {
  readonly #mesh: Mesh
  readonly #events: NetworkEvents
  readonly #clock: Clock
  /** Peer → its clock minus ours in ms, when it introduced itself. */
  readonly #offsets = new Map<string, number>()

  constructor (init: { mesh: Mesh, events: NetworkEvents, clock: Clock }) {
    this.#mesh = init.mesh
    this.#events = init.events
    this.#clock = init.clock
  }

  /** To be called before the network starts. */
  start (): void {
    this.#mesh.directory.onRecord(({ record, name }) => {
      const { peer_id: peer, ledger, addrs, capabilities, expires } = record
      this.#events.publish({ kind: 'record', peer, ledger, name, addrs, capabilities, expires })
    })
    const handlers: MeshHandlers = {
      onReady: () => {},
      onPeer: (peer, { clockMs, software }) => {
        this.#offsets.set(peer, clockMs - this.#clock.now())
        const known = this.#mesh.directory.get(peer)
        this.#events.publish({ kind: 'connected', peer, ledger: known?.record.ledger ?? null, name: known?.name ?? null, software })
      },
      onPeerGone: (peer) => {
        this.#offsets.delete(peer)
        this.#events.publish({ kind: 'disconnected', peer, ledger: this.#mesh.directory.get(peer)?.record.ledger ?? null })
      },
      onHeads: async () => {},
      onEvidence: async () => {}
    }
    this.#mesh.use(handlers)
  }

  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets (): number[] {
    return [...this.#offsets.values()]
  }
}
