/**
 * The network as this node knows it. An edge points from the ledger that relies on the other: it mirrors it, refers to
 * it, or trusts it.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { ReferenceType } from '../../core/reference.js'

/** A node that serves a ledger, as its record says. */
export interface TopologyPeer {
  peer: string
  addrs: string[]
  capabilities: string[]
  connected: boolean
  /** Is its record signed by a key that the ledger's chain allows, and was it shown on the node's own connection? */
  proven: boolean
  software: string | null
  /** ms since the epoch. */
  lastSeen: number | null
}

/** A ledger: held here, named by a node record, or only referred to or trusted by others. */
export interface TopologyNode {
  id: LedgerId
  /** The name in its genesis; null: not known. */
  name: string | null
  own: boolean
  followed: boolean
  /** Entries held here; null: not held. */
  size: number | null
  status: 'synced' | 'syncing' | 'stalled' | null
  /** Why it is stalled. */
  stall: string | null
  access: 'public' | 'private' | null
  /** There is evidence against its author. */
  frozen: boolean
  /** The first address of a node that serves it. */
  endpoint: string | null
  /** The key in force, hex; null: its chain is not held. */
  publicKey: string | null
  /** Over all its nodes. */
  capabilities: string[]
  /** Of its newest record. */
  metadata: { version: string; streams: string[]; region: string | null } | null
  nodes: TopologyPeer[]
}

interface EdgeOf<Type extends string, Config> {
  type: Type
  from: LedgerId
  to: LedgerId
  config: Config & { bidirectional: boolean }
}

/** `from` mirrors `to`. */
export type SyncEdge = EdgeOf<
  'sync',
  {
    /** `here`: this node follows it; `peer`: a connected node claimed to hold this many entries of it. */
    known: 'here' | 'peer'
    size: number
    status: 'synced' | 'syncing' | 'stalled' | null
    filters: { streams?: string[]; types?: string[]; issuers?: string[]; subjects?: string[] } | null
  }
>

/** Entries of `from` refer to entries of `to`. */
export type ReferenceEdge = EdgeOf<
  'reference',
  {
    /** References in the entries held here. */
    count: number
    types: Record<ReferenceType, number>
    /** How many of them have a target that is not held here and may still arrive. */
    unresolved: number
    /**
     * How many of them contradict the entries held here. The others are resolved, or no entry of their target's ledger
     * is held.
     */
    contradicted: number
  }
>

/** `from` attests `to`. */
export type TrustEdge = EdgeOf<
  'trust',
  {
    /** 0–1. */
    trustLevel: number
    trustType: string
    /** ms since the epoch; null: never. */
    expires: number | null
    /** The subject has accepted it. */
    accepted: boolean
  }
>

/** An edge: one ledger relies on another; `type` says how. */
export type TopologyEdge = SyncEdge | ReferenceEdge | TrustEdge

/** Everything that this node knows of the network, bounded: see `truncated`. */
export interface Topology {
  /** ms since the epoch. */
  at: number
  self: LedgerId
  /** This node among those that serve it. */
  selfPeer: string
  nodes: TopologyNode[]
  edges: TopologyEdge[]
  trustGraph: { nodes: LedgerId[]; edges: TrustEdge[] }
  /** Held entries whose references are counted so far: counting goes on in the background. */
  references: { counted: number; held: number }
  /** The limit was exceeded: the least connected ledgers are left out. */
  truncated: boolean
}

export const TOPOLOGY_FORMATS = ['json', 'dot', 'mermaid', 'gexf'] as const
/** `json`, `dot` (Graphviz), `mermaid`, `gexf` (Gephi). */
export type TopologyFormat = (typeof TOPOLOGY_FORMATS)[number]

/** An attestation as the map shows it; `levelMilli` 0–1000, `expires` in ms since the epoch, null: never. */
export interface TrustStatement {
  from: LedgerId
  to: LedgerId
  levelMilli: number
  type: string
  expires: number | null
  accepted: boolean
}
