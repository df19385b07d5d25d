/** The operations of a running node, grouped as the RPC is. The RPC handlers call exactly these. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { OwnState } from '../../ledger/signer/signer-guard.js'
import type { EvidenceSummary } from './evidence.js'
import type { FeedApi } from './feed.js'
import type { HandleApi } from './handles.js'
import type { LedgerApi } from './ledger.js'
import type { InteroperabilityMethods } from './network.js'
import type { SyncMethods } from './sync.js'
import type { TokensApi } from './tokens.js'
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
   * `waiting`: why the ledger is not signed; `unconfirmed`: it is signed, although none of the nodes that held it
   * before has answered.
   */
  own: { size: number; hash: Hash | null; state: OwnState; waiting: string | null; unconfirmed: string | null }
  followed: number
  peers: number
  stalled: number
  evidence: number
  dht: { mode: 'server' | 'client' | 'off'; peers: number }
}

/** For a check that is not ok, `next` says what to do; for one that is ok, it may have advice. */
export interface HealthReport {
  healthy: boolean
  checks: { check: string; ok: boolean; detail: string; next: string | null }[]
}

/** How settings are read again. */
export interface ReloadOptions {
  /** Only say what would change. Default false. */
  dryRun?: boolean
}

/**
 * `changed`: keys whose new value is in effect now. `later`: changed keys that take effect after a restart. `left`:
 * settings that were left out, and why.
 */
export interface Reloaded {
  changed: string[]
  later: string[]
  left: string[]
}

/** The disk of a node. Bytes of ledgers are estimates: what is not yet in sorted files is in none of them. */
export interface DiskUse {
  /** The files of the store. */
  bytes: number
  /** What the file system has free for this user. */
  free: number
  /** `payloads` are among `bytes`. */
  ledgers: { ledger: LedgerId; entries: number; bytes: number; payloads: number }[]
  /** What belongs to no ledger alone: indexes over all of them, the feed, records of nodes, and what is not sorted yet. */
  shared: number
}

/** Bytes of the files of the store. */
export interface Compacted {
  before: number
  after: number
}

/** What a backup contains beside the ledgers. */
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
 * A rotation: its entry, the key in force now, the hash of the only key that may follow, and the new place of the old
 * key's file.
 */
export interface Rotated {
  ledger: LedgerId
  seq: number
  key: string
  nextKeyHash: Hash
  retired: string | null
}

/** A running node: one group for each prefix of the method names. Every promise rejects with a `LedgermeshError`. */
export interface Node {
  status: () => Promise<NodeStatus>
  health: () => Promise<HealthReport>
  /** The checks of `health` that concern other nodes. */
  networkHealth: () => Promise<HealthReport>
  /** Metrics in the Prometheus exposition format 0.0.4. */
  metrics: () => Promise<string>
  /** Reads config.json and the bootstrap file again. Throws BAD_CONFIG: then nothing has changed. */
  reload: (options?: ReloadOptions) => Promise<Reloaded>
  /** How much of the disk each ledger takes. */
  disk: () => Promise<DiskUse>
  /** Rewrites the store's files, so that what was deleted or replaced takes no room any more. */
  compact: () => Promise<Compacted>
  /** A consistent copy, made while the node runs, in a folder (absolute path) that does not exist yet. */
  backup: (folder: string, options?: BackupOptions) => Promise<BackupReport>
  ledger: LedgerApi
  feed: FeedApi
  sync: SyncMethods
  network: Omit<InteroperabilityMethods, 'trust'>
  trust: TrustApi
  evidence: { list: (ledger?: LedgerId) => Promise<EvidenceSummary[]> }
  /**
   * `rotate` puts the committed next key in force; `nextKeyFile`: absolute path, default next.key in the home. The node
   * then signs with that key.
   */
  keys: { rotate: (nextKeyFile?: string) => Promise<Rotated> }
  /** What lets programs in over HTTP. */
  tokens: TokensApi
  /** Resolves short names of ledgers, entries and peers to whole ids. All other methods take whole ids only. */
  handles: HandleApi
  /** Closes in order: answers pending requests, closes the network, then the store. */
  close: () => Promise<void>
}
