/**
 * What a running node can be asked. The RPC handlers call exactly this; `createLedger` gives it to a program that embeds the node.
 * No `ledger` given means the own one; `*` means all that are held, where it is allowed.
 */
import type { Json, JsonObject } from '../core/canonical.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { ReferenceType } from '../core/reference.js'
import type { EntryProof } from '../core/verify-proof.js'
import type { LedgerEntry } from '../core/view.js'
import type { StallCode } from '../sync/types.js'
import type { VoidedEntry } from '../ledger/voided.js'
import type { ConflictsReport } from './conflicts.js'
import type { ErasureFilters, ErasuresResult } from './erasures-api.js'
import type { AccessChange, AccessReport } from './access-api.js'
import type { DiscoverOptions, Discovery, FindQuery, KnownLedger, PeerStatus, RegisteredAt } from './discovery-api.js'
import type { Member } from './members.js'
import type { RefusalsReport } from './refusals.js'
import type { TrustApi } from './trust-api.js'
import type { NetworkEvent, NetworkEventKind } from './network-events.js'
import type { Topology } from './topology/types.js'

export type * from './discovery-api.js'
export type { Topology } from './topology/types.js'
export type { NetworkEvent, NetworkEventKind } from './network-events.js'

export type { EntryProof, ConflictsReport, VoidedEntry }

/** A ledger id, or `*` for all that are held. */
export type LedgerChoice = string

export interface ReferenceInput {
  ledgerId: LedgerId
  entryId: string
  referenceType: ReferenceType
  /** Looked up in the ledgers held here when absent. */
  entryHash?: Hash
}

export interface AppendInput {
  /** The caller's id makes the append idempotent. Default: a UUIDv7. */
  id?: string
  stream: string
  type: string
  issuer_oid?: string | null
  subject_oid?: string | null
  payload?: Json
  meta?: JsonObject
  references?: ReferenceInput[]
  /** ms since the epoch. Default: now. */
  timestamp?: number
}

export interface AppendOptions {
  /** Write references whose target is not held with `entryHash: null`, instead of refusing (REFERENCE_UNRESOLVED). Default false. */
  allowUnresolved?: boolean
}

/** `existing`: this id was appended before with the same content; nothing was written. */
export interface Appended { entry: LedgerEntry, existing: boolean }

export type EntryPointer = { id: string } | { hash: Hash } | { seq: number }

export interface QueryFilters {
  stream?: string
  type?: string
  issuer_oid?: string
  subject_oid?: string
  /** Timestamps in ms, `from` inclusive, `to` exclusive. */
  from?: number
  to?: number
  /** 1–1000, default 100. */
  limit?: number
  cursor?: string
  /** By seq; default asc. */
  order?: 'asc' | 'desc'
}

export interface QueryResult { entries: LedgerEntry[], nextCursor: string | null, hasMore: boolean }

export interface EntryVerification { valid: boolean, ledger: LedgerId, seq: number, hash: Hash, problem: { code: string, message: string } | null }

export interface ChainVerification {
  valid: boolean
  ledger: LedgerId
  /** First seq checked, and how many entries were. */
  from: number
  entries: number
  signatures: number
  /** `none`: entries that never had one. */
  payloads: { present: number, erased: number, filtered: number, missing: number, malformed: number, none: number }
  /** Entries whose timestamp is before that of the entry before them: allowed, but worth a look. */
  timestampsGoingBack: number
  problem: { seq: number, code: string, message: string } | null
}

/** `root`: RFC 6962 root over all `size` entry hashes; `header` and `signature` are those of the newest entry. */
export interface Head { ledger: LedgerId, size: number, seq: number, hash: Hash, root: Hash, header: string, signature: string, timestamp: number }

export interface SyncFilters { streams?: string[], types?: string[], issuers?: string[], subjects?: string[] }

export interface FollowOptions {
  /** Every header, and only the payloads that match. */
  filters?: SyncFilters
  /** Every header, and no payload: enough for trust and access, which live in headers. Not with `filters`. */
  headers?: boolean
}

/** One line per ledger; `own`: the own one. Exactly one status (I6). */
export interface LedgerSyncStatus {
  ledger: LedgerId
  name: string | null
  own: boolean
  status: 'synced' | 'syncing' | 'stalled'
  /** Entries held, and how many of their signatures were audited one by one. */
  size: number
  audited: number
  /** The largest signed head that we heard of, in entries. */
  target: number
  /** Headers and payloads of everything, or what the filters want. */
  filters: SyncFilters | null
  /** Headers alone: no payload is wanted. */
  headers: boolean
  /** Peers connected now that have it. */
  peers: number
  /** Announcements reach us by gossip; false: beyond the topic limit, by head exchange alone. */
  announced: boolean
  /** `next`: when something is tried again, ms since the epoch; null: not before somebody acts. */
  stall: { code: StallCode, since: number, next: number | null, explanation: string } | null
}

export interface EvidenceSummary {
  /** SHA-256 of the file, hex. */
  id: Hash
  ledger: LedgerId
  kind: string
  /** The lowest seq in dispute. */
  seq: number
  /** Is it what freezes the ledger here? false: lower evidence does, or it says nothing against the chain that is held (a retired key signed it). */
  freezes: boolean
  /** Canonical JSON: the whole file, for `verify`. */
  evidence: string
}

export interface NodeStatus {
  version: string
  network: string
  ledger: LedgerId
  name: string
  peerId: string
  addrs: string[]
  home: string
  socket: string | null
  /** ms since the epoch. */
  startedAt: number
  own: { size: number, hash: Hash | null, state: 'ready' | 'restoring' | 'failed', waiting: string | null }
  followed: number
  peers: number
  stalled: number
  evidence: number
  dht: { mode: 'server' | 'client' | 'off', peers: number }
}

/** A check that is not ok says in `next` what to do; one that is ok may have advice there. */
export interface HealthReport { healthy: boolean, checks: { check: string, ok: boolean, detail: string, next: string | null }[] }

/** What `ledger.subscribe` delivers: an own entry after its commit, or entries of a mirror after they were verified and stored. */
export interface EntriesEvent { ledger: LedgerId, entries: LedgerEntry[] }

/** `closed`: only members, and peers on the allow-list, may be connected. */
export interface MembersReport { closed: boolean, issuers: LedgerId[], members: Member[] }
export interface ConsistencyProof { ledger: LedgerId, size1: number, root1: Hash, size2: number, root2: Hash, proof: Hash[] }

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
  ledgers: { ledger: LedgerId, entries: number }[]
  /** Bytes of keys and values. */
  bytes: number
  keys: boolean
}

export interface Node {
  status: () => Promise<NodeStatus>
  health: () => Promise<HealthReport>
  /** Of `health`, what concerns other nodes. */
  networkHealth: () => Promise<HealthReport>

  /** A consistent copy, made while the node runs, in a folder (absolute path) that does not exist yet. */
  backup: (folder: string, options?: BackupOptions) => Promise<BackupReport>

  append: (input: AppendInput, options?: AppendOptions) => Promise<Appended>
  /** All or nothing, in one commit. */
  appendBatch: (inputs: AppendInput[], options?: AppendOptions) => Promise<Appended[]>
  get: (pointer: EntryPointer, ledger?: LedgerChoice) => Promise<LedgerEntry | null>
  query: (filters: QueryFilters, ledger?: LedgerChoice) => Promise<QueryResult>
  verifyEntry: (pointer: EntryPointer, ledger?: LedgerId) => Promise<EntryVerification>
  verifyChain: (range: { from?: number, limit?: number }, ledger?: LedgerId) => Promise<ChainVerification>
  head: (ledger?: LedgerId) => Promise<Head>
  checkpoint: (ledger?: LedgerId) => Promise<{ ledger: LedgerId, size: number, root: Hash, note: string }>
  prove: (pointer: EntryPointer, ledger?: LedgerId) => Promise<EntryProof>
  /** RFC 6962 proof that the tree over the first `size1` entries is the beginning of the one over `size2`. */
  consistency: (size1: number, size2: number, ledger?: LedgerId) => Promise<ConsistencyProof>
  /** The operator's word that what is stored is all that was ever signed: ends RESTORING. A false word forks the ledger for good. */
  override: () => Promise<LedgerSyncStatus>
  /** One ledger.erase entry for each 256 hashes; none for what has no payload or is erased already. */
  erase: (hashes: Hash[]) => Promise<Appended[]>
  /** The own ledger's, the newest first. Asks all connected mirrors now. */
  erasures: (filters: ErasureFilters) => Promise<ErasuresResult>
  /** Delivers until the returned function is called. The listener must be quick; it never delays a commit. */
  subscribe: (ledger: LedgerChoice, listener: (event: EntriesEvent) => void) => () => void

  /** Who may read a ledger held here; default: the own one. */
  access: (ledger?: LedgerId) => Promise<AccessReport>
  setAccess: (change: AccessChange) => Promise<Appended>
  refusals: () => Promise<RefusalsReport>
  members: () => Promise<MembersReport>
  /** For so many days. */
  admit: (peer: string, days: number) => Promise<Appended>
  /** Hashes of the memberships that were revoked. */
  expel: (peer: string) => Promise<Hash[]>

  evidence: (ledger?: LedgerId) => Promise<EvidenceSummary[]>

  follow: (ledger: LedgerId, options?: FollowOptions) => Promise<LedgerSyncStatus>
  /** Stops replicating; `forget` also deletes the mirror. */
  unfollow: (ledger: LedgerId, options?: { forget?: boolean }) => Promise<void>
  syncStatus: (ledger?: LedgerId) => Promise<LedgerSyncStatus[]>
  /** Exchanges heads with all who have it now, and waits until the ledger is synced or stalled. */
  pull: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  pause: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  resume: (ledger: LedgerId) => Promise<LedgerSyncStatus>
  /** The operator's word for the branch of a rotation in a frozen ledger. `voided`: entries that were let go of. */
  resolve: (ledger: LedgerId) => Promise<{ status: LedgerSyncStatus, voided: number }>
  conflicts: (ledger?: LedgerId) => Promise<ConflictsReport>
  /** Signed headers that gave way to another branch; by evidence, then by seq. */
  voided: (ledger: LedgerId, offset: number, limit: number) => Promise<VoidedEntry[]>

  connect: (address: string) => Promise<PeerStatus>
  peers: () => Promise<PeerStatus[]>
  ledgers: () => Promise<KnownLedger[]>
  /** Ledgers and their nodes, and who mirrors, refers to and trusts whom, as far as this node knows. */
  topology: () => Promise<Topology>
  /** Events of these kinds (null: all) until the returned function is called. The listener must be quick. */
  watchNetwork: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void

  trust: TrustApi

  /** Searches the DHT: by capability (default `sync`), or for who serves one ledger. */
  findLedgers: (query: FindQuery) => Promise<KnownLedger[]>
  discover: (options: DiscoverOptions) => Promise<Discovery>
  /** Tells registries of this node, now and whenever its record changes; default: every registry that is known. */
  register: (registryPeer?: string) => Promise<RegisteredAt[]>
  /** What is known of one ledger and its nodes; null: nothing, also after asking around. */
  getLedger: (ledger: LedgerId) => Promise<KnownLedger | null>
  /** Lets another node speak for the own ledger; `expires` in ms since the epoch. */
  authorizeNode: (peerId: string, expires?: number) => Promise<Appended>
  revokeNode: (peerId: string) => Promise<Appended>

  /** Orderly: answers what is pending, closes the network, then the store. */
  close: () => Promise<void>
}
