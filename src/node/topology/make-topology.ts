/** Pure: builds one graph from held ledgers, shown records and attestations. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { ReferenceCount } from './reference-pair.js'
import type {
  SyncEdge,
  Topology,
  TopologyEdge,
  TopologyNode,
  TopologyPeer,
  TrustEdge,
  TrustStatement
} from '../api/topology.js'

/** Ledgers and edges of one answer; beyond them, the least connected are left out. */
export const MAX_NODES = 2000
export const MAX_EDGES = 10_000

/** A ledger that is held here. `status` null: neither own nor followed. */
export type HeldLedger = Pick<
  TopologyNode,
  'id' | 'name' | 'own' | 'followed' | 'status' | 'stall' | 'access' | 'frozen' | 'publicKey'
> & { size: number; filters: SyncEdge['config']['filters'] }

/** A node and the ledger that it represents by its record. */
export interface KnownPeer extends TopologyPeer {
  ledger: LedgerId
  name: string | null
  seq: number
  metadata: NonNullable<TopologyNode['metadata']>
}

/** A connected peer claimed to hold this many entries of a ledger. */
export interface HeldByPeer {
  peer: string
  ledger: LedgerId
  size: number
}

export interface TopologyInput {
  at: number
  self: LedgerId
  selfPeer: string
  held: HeldLedger[]
  peers: KnownPeer[]
  heldByPeers: HeldByPeer[]
  references: ReferenceCount[]
  referencesCounted: { counted: number; held: number }
  trust: TrustStatement[]
}

export function makeTopology(input: TopologyInput): Topology {
  const all = [...syncEdges(input), ...input.trust.map(trustEdge), ...referenceEdges(input)]
  const ids = chooseNodes(input, all)
  const edges = all.filter(({ from, to }) => ids.has(from) && ids.has(to))
  const kept = edges.slice(0, MAX_EDGES)
  markBothWays(kept)
  const trust = kept.filter((edge) => edge.type === 'trust')
  return {
    at: input.at,
    self: input.self,
    selfPeer: input.selfPeer,
    nodes: [...ids].map((id) => nodeOf(id, input)),
    edges: kept,
    trustGraph: { nodes: [...new Set(trust.flatMap(({ from, to }) => [from, to]))], edges: trust },
    references: input.referencesCounted,
    truncated: kept.length < all.length
  }
}

/** The own ledger, those held, those of nodes that proved who they are, then those with most edges. */
function chooseNodes({ self, held, peers }: TopologyInput, edges: TopologyEdge[]): Set<LedgerId> {
  const degrees = new Map<LedgerId, number>()
  for (const { from, to } of edges) for (const id of [from, to]) degrees.set(id, (degrees.get(id) ?? 0) + 1)
  const others = [...degrees].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([id]) => id)
  const inOrder = [
    self,
    ...held.map(({ id }) => id),
    ...peers.filter(({ proven }) => proven).map(({ ledger }) => ledger),
    ...others,
    ...peers.map(({ ledger }) => ledger)
  ]
  return new Set([...new Set(inOrder)].slice(0, MAX_NODES))
}

function nodeOf(id: LedgerId, { held, peers }: TopologyInput): TopologyNode {
  const own = held.find((ledger) => ledger.id === id)
  const serving = peers
    .filter(({ ledger }) => ledger === id)
    .toSorted((a, b) => Number(b.connected) - Number(a.connected) || (b.lastSeen ?? 0) - (a.lastSeen ?? 0))
  const newest = serving.toSorted((a, b) => Number(b.proven) - Number(a.proven) || b.seq - a.seq)[0]
  return {
    id,
    name: own?.name ?? serving.find(({ name }) => name !== null)?.name ?? null,
    own: own?.own ?? false,
    followed: own?.followed ?? false,
    size: own?.size ?? null,
    status: own?.status ?? null,
    stall: own?.stall ?? null,
    access: own?.access ?? null,
    frozen: own?.frozen ?? false,
    endpoint: serving.flatMap(({ addrs }) => addrs)[0] ?? null,
    publicKey: own?.publicKey ?? null,
    capabilities: [...new Set(serving.flatMap(({ capabilities }) => capabilities))].toSorted(),
    metadata: newest?.metadata ?? null,
    nodes: serving.map(({ peer, addrs, capabilities, connected, proven, software, lastSeen }) => ({
      peer,
      addrs,
      capabilities,
      connected,
      proven,
      software,
      lastSeen
    }))
  }
}

/** Own follows, and mirrors claimed by nodes that proved their ledger. */
function syncEdges({ self, held, peers, heldByPeers }: TopologyInput): SyncEdge[] {
  const edges = new Map<string, SyncEdge>()
  for (const { id, followed, size, status, filters } of held) {
    if (followed && id !== self)
      edges.set(`${self} ${id}`, {
        type: 'sync',
        from: self,
        to: id,
        config: { known: 'here', size, status, filters, bidirectional: false }
      })
  }
  const speaksFor = new Map(peers.filter(({ proven }) => proven).map(({ peer, ledger }) => [peer, ledger]))
  for (const { peer, ledger, size } of heldByPeers) {
    const from = speaksFor.get(peer)
    if (from === undefined || from === ledger) continue
    const known = edges.get(`${from} ${ledger}`)
    if (known === undefined)
      edges.set(`${from} ${ledger}`, {
        type: 'sync',
        from,
        to: ledger,
        config: { known: 'peer', size, status: null, filters: null, bidirectional: false }
      })
    else if (known.config.known === 'peer') known.config.size = Math.max(known.config.size, size)
  }
  return [...edges.values()]
}

function trustEdge({ from, to, levelMilli, type, expires, accepted }: TrustStatement): TrustEdge {
  return {
    type: 'trust',
    from,
    to,
    config: { trustLevel: levelMilli / 1000, trustType: type, expires, accepted, bidirectional: false }
  }
}

/** Most used first, so that these are not left out. */
function referenceEdges({ references }: TopologyInput): TopologyEdge[] {
  return references
    .toSorted((a, b) => b.count - a.count)
    .map(({ from, to, ...counts }) => ({ type: 'reference', from, to, config: { ...counts, bidirectional: false } }))
}

function markBothWays(edges: TopologyEdge[]): void {
  const there = new Set(edges.map(({ type, from, to }) => `${type} ${from} ${to}`))
  for (const { type, from, to, config } of edges) config.bidirectional = there.has(`${type} ${to} ${from}`)
}
