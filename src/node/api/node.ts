/** What a running node can be asked, grouped as the RPC is. The handlers call exactly this. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { OwnState } from '../../ledger/signer/signer-guard.js'
import type { EvidenceSummary } from './evidence.js'
import type { HandleApi } from './handles.js'
import type { LedgerApi } from './ledger.js'
import type { InteroperabilityMethods } from './network.js'
import type { SyncMethods } from './sync.js'
import type { TrustApi } from './trust.js'

export type * from './discovery.js'
export type * from './ledger.js'
export type * from './network.js'
export type * from './sync.js'
export type { Topology } from './topology.js'
export type { NetworkEvent, NetworkEventKind } from './events.js'

export type { ConflictsReport } from './evidence.js'

/** The node at a glance. */
export interface NodeStatus {
  version: string
  network: string
  ledger: LedgerId
  name: string
  /** Who may read the own ledger. */
  access: 'public' | 'private'
  peerId: string
  addrs: string[]
  home: string
  socket: string | null
  /** ms since the epoch. */
  startedAt: number
  /**
   * `waiting`: why it does not sign; `unconfirmed`: it does, although none of those who held the ledger before has
   * answered.
   */
  own: { size: number; hash: Hash | null; state: OwnState; waiting: string | null; unconfirmed: string | null }
  followed: number
  peers: number
  stalled: number
  evidence: number
  dht: { mode: 'server' | 'client' | 'off'; peers: number }
}

/** A check that is not ok says in `next` what to do; one that is ok may have advice there. */
export interface HealthReport {
  healthy: boolean
  checks: { check: string; ok: boolean; detail: string; next: string | null }[]
}

/** What a backup holds beside the ledgers. */
export interface BackupOptions {
  /** Copy ledger.key and peer.key too. next.key is never copied. Default false. */
  withKeys?: boolean
}

/** Also the content of the backup's backup.json. */
export interface BackupReport {
  v: 1
  folder: string
  /** ms since the epoch. */
  createdAt: number
  network: string
  ledger: LedgerId
  ledgers: { ledger: LedgerId; entries: number }[]
  /** Bytes of keys and values. */
  bytes: number
  keys: boolean
}

/**
 * A rotation: the entry that says so, the key in force now, the hash of the only one that may follow, and where the old
 * key's file went.
 */
export interface Rotated {
  ledger: LedgerId
  seq: number
  key: string
  nextKeyHash: Hash
  retired: string | null
}

/** A running node: a group for each beginning of a method's name. Every promise rejects with a `LedgermeshError`. */
export interface Node {
  status: () => Promise<NodeStatus>
  health: () => Promise<HealthReport>
  /** Of `health`, what concerns other nodes. */
  networkHealth: () => Promise<HealthReport>
  /** Figures, as Prometheus reads them (exposition format 0.0.4). */
  metrics: () => Promise<string>
  /** A consistent copy, made while the node runs, in a folder (absolute path) that does not exist yet. */
  backup: (folder: string, options?: BackupOptions) => Promise<BackupReport>
  ledger: LedgerApi
  sync: SyncMethods
  network: Omit<InteroperabilityMethods, 'trust'>
  trust: TrustApi
  evidence: { list: (ledger?: LedgerId) => Promise<EvidenceSummary[]> }
  /**
   * `rotate` puts the committed next key in force; `nextKeyFile`: absolute path, default next.key in the home. The node
   * goes on with it.
   */
  keys: { rotate: (nextKeyFile?: string) => Promise<Rotated> }
  /** From short names of ledgers, entries and peers to whole ids. Every other method takes whole ids alone. */
  handles: HandleApi
  /** Orderly: answers what is pending, closes the network, then the store. */
  close: () => Promise<void>
}
