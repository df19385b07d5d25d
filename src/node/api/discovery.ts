/** Shapes of the discovery methods. */
import type { LedgerId } from '../../core/ledger-id.js'

/** A connection. */
export interface PeerStatus {
  peer: string
  addrs: string[]
  direction: 'inbound' | 'outbound'
  /** ms since the epoch. */
  since: number
  /** The ledger that the peer proved to be a node of; null: none yet (a stranger). */
  ledger: LedgerId | null
  name: string | null
  /** Who may read that ledger; null: not known, because none of its entries is held. */
  access: 'public' | 'private' | null
  software: string | null
}

/** A ledger that this node knows of. */
export interface KnownLedger {
  ledger: LedgerId
  name: string | null
  own: boolean
  followed: boolean
  /** Who may read it; null: not known, because none of its entries is held. */
  access: 'public' | 'private' | null
  size: number | null
  /** Peers known to serve it. */
  nodes: Pick<
    DiscoveredNode,
    'peer' | 'addrs' | 'capabilities' | 'connected' | 'status' | 'lastSeen' | 'sources' | 'proof'
  >[]
}

/** Which nodes; the filters are joined by "and". */
export interface FindQuery {
  capability?: string
  ledger?: LedgerId
  region?: string
  /** 0–1000. */ minTrustMilli?: number
}

/** Where to look, and for which nodes. */
export interface DiscoverOptions {
  /** Default all: peer-to-peer and manual, and dns and registry where a server is known. */
  method?: 'peer-to-peer' | 'registry' | 'dns' | 'manual' | 'all'
  /** An HTTPS registry; http only on loopback. */
  registryUrl?: string
  /** A node with the capability `registry`: multiaddr or peer id. Default: every one that is known. */
  registryPeer?: string
  domain?: string
  /** Multiaddrs, beside those of the configuration. */
  bootstrapNodes?: string[]
  capability?: string
  region?: string
  /** 0–1000. */
  minTrustMilli?: number
}

/** A node that was found. */
export interface DiscoveredNode {
  peer: string
  /** null: not known yet. */
  ledger: LedgerId | null
  name: string | null
  /** Who may read that ledger; null: not known, because none of its entries is held. */
  access: 'public' | 'private' | null
  /** proven: by a chain held here. shown: by key entries that lead to its key. claimed: by nothing. */
  proof: 'proven' | 'shown' | 'claimed'
  addrs: string[]
  capabilities: string[]
  metadata: { version: string; streams: string[]; region: string | null } | null
  /** Every method that found the node. */
  sources: ('connection' | 'gossip' | 'dht' | 'registry' | 'dns' | 'manual')[]
  status: 'online' | 'offline' | 'unknown'
  connected: boolean
  /** ms since the epoch: when its record expires, and when it was last connected. */
  expires: number | null
  lastSeen: number | null
  /** This node's trust in the ledger, 0–1000; null: not computed. */
  trustMilli: number | null
}

/** Two conflicting discovery results, or one that is provably wrong. */
export interface DiscoveryContradiction {
  source: DiscoveredNode['sources'][number]
  peer: string | null
  ledger: LedgerId | null
  problem: string
  at: number
}

/** The nodes that were found, and the contradictions between the sources. */
export interface Discovery {
  nodes: DiscoveredNode[]
  contradictions: DiscoveryContradiction[]
}

/** A registry that accepted this node's record; `expires` in ms since the epoch. */
export interface RegisteredAt {
  registry: string
  peer: string
  expires: number
}
