import type { Mesh } from '../mesh.js'
import type { PeerWatch } from '../peer-watch.js'
import type { PluginContext } from '../plugin.js'
import { makeTopology, type HeldLedger, type KnownPeer } from './make-topology.js'
import { ReferenceCounts } from './reference-counts.js'
import type { Topology } from './types.js'
import { SOFTWARE, VERSION } from '../version.js'

/** So long an answer waits for references that are not counted yet. */
const COUNT_WAIT_MS = 1000

/** Collects what `makeTopology` draws. */
export class TopologyService {
  readonly #context: PluginContext
  readonly #peers: PeerWatch
  readonly #references: ReferenceCounts

  constructor (context: PluginContext, peers: PeerWatch) {
    this.#context = context
    this.#peers = peers
    this.#references = new ReferenceCounts(() => context.store.list())
  }

  async stop (): Promise<void> {
    await this.#references.stop()
  }

  async topology (): Promise<Topology> {
    const { store, clock, overview, host } = this.#context
    const mesh = host()
    await this.#countReferences()
    return makeTopology({
      at: clock.now(),
      self: store.own.id,
      selfPeer: mesh.host.peerId,
      held: this.#held(),
      peers: [this.#self(mesh), ...knownPeers(mesh)],
      heldByPeers: this.#peers.holdings(),
      references: this.#references.pairs(),
      referencesCounted: this.#references.progress(),
      trust: overview.trust?.() ?? []
    })
  }

  async #countReferences (): Promise<void> {
    const { clock, log } = this.#context
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(COUNT_WAIT_MS, resolve)
    this.#references.update().catch((error: Error) => { log.warn({ error: error.message }, 'references were not counted') }).finally(resolve)
    await promise
    cancel()
  }

  #held (): HeldLedger[] {
    const { store, follows, overview } = this.#context
    const statuses = new Map(overview.sync?.().map((status) => [status.ledger, status]))
    return store.list().map((ledger) => {
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

  #self ({ host, capabilities }: Mesh): KnownPeer {
    const { store, clock } = this.#context
    const now = clock.now()
    return {
      peer: host.peerId, addrs: host.addrs(), capabilities, connected: true, proven: true, software: SOFTWARE, lastSeen: now,
      ledger: store.own.id, name: store.own.chain?.name ?? null, seq: now, metadata: { version: VERSION, streams: [], region: null }
    }
  }
}

function knownPeers (mesh: Mesh): KnownPeer[] {
  return mesh.directory.list().map(({ record, name, software, lastSeen }) => ({
    peer: record.peer_id,
    addrs: record.addrs,
    capabilities: record.capabilities,
    connected: mesh.isConnected(record.peer_id),
    proven: mesh.directory.provenLedger(record.peer_id) === record.ledger,
    software,
    lastSeen,
    ledger: record.ledger,
    name,
    seq: record.seq,
    metadata: record.metadata
  }))
}
