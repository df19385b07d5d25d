/** Remotes, offers and receipts as they are asked for and answered. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { StateCode, StateStatus } from '../../sync/exceptions/state.js'
import type { AdoptOptions, CopiesChoice } from './adopt.js'
import type { Turns } from '../../sync/schedule/schedule.js'
import type { Job, JobFilter } from './jobs.js'
import type { AcceptRule, PushCode } from '../../sync/push/types.js'

export type { AcceptRule, PushCode, StateCode, StateStatus }

/** pull: it is followed. push: the own ledger is offered to it. bidirectional: both. */
export type SyncDirection = 'pull' | 'push' | 'bidirectional'

/** Settings of a remote; absent ones stay as they are (a new remote has no name, no addresses, and `pull`). */
export interface RemoteChange {
  /** The operator's own name for it; null: none. */
  name?: string | null
  /** Multiaddrs that are dialled while none of its nodes is connected, 8 at most. */
  endpoint?: string[]
  /** Hex: refused when the ledger's key history, as far as it is held, does not have it; null: any. */
  publicKey?: string | null
  syncDirection?: SyncDirection
  /** 64 hex digits that its operator gave out (`invite`); null: none. */
  authToken?: string | null
  /** Which payloads are pulled from it; headers always are. Default: all payloads. */
  filters?: SyncFilters
  /** Pull headers alone. */
  headers?: boolean
  /** Adopt its entries into the own ledger; null: no more. */
  adopt?: AdoptOptions | null
  /**
   * When it is pulled from and pushed to: `continuous` (default), `manual`, `every 24h`, or windows such as `mon-fri
   * 22:00-06:00 Europe/Amsterdam`, several with `;` between them.
   */
  schedule?: string | Turns
  /** 0–9, default 5: each step doubles its share of what this node fetches. */
  priority?: number
  /** Caps of bandwidth, 16 KiB/s at least; null: none. */
  inKiBps?: number | null
  outKiBps?: number | null
}

/** How far one ledger is confirmed by one remote. A receipt is the remote's claim. */
export interface PushFlow {
  ledger: LedgerId
  remote: LedgerId
  /** Entries here. */
  size: number
  /** Of them, from 0, those that the remote says are on its disk. */
  durable: number
  /**
   * synced: all are. pending: it is under way, or waits for its turn. failed: the remote, or a rule, stands against it.
   */
  status: 'synced' | 'pending' | 'failed'
  /** Why it is not synced; null: it is. */
  code: PushCode | null
  explanation: string | null
  /** Offers in a row that came to nothing. */
  attempts: number
  /**
   * When it was offered last, and when it is again at the latest, ms since the epoch; null: never, or when something
   * changes.
   */
  last: number | null
  next: number | null
}

/** A remote, both directions joined. */
export interface RemoteLedger {
  ledger: LedgerId
  /** As people write it. */
  schedule: string
  /** Is it its time? `opens`: else when it is again, ms since the epoch; null: when somebody asks for it. */
  open: boolean
  opens: number | null
  priority: number
  inKiBps: number | null
  outKiBps: number | null
  /** The operator's name for it, else that of its genesis; null: neither is known. */
  name: string | null
  endpoint: string[]
  publicKey: string | null
  syncDirection: SyncDirection
  /** Is a token shown to it? */
  hasToken: boolean
  /** Its nodes that are connected. */
  peers: string[]
  /** How it is pulled; null: it is not. */
  mode: 'mirror' | 'adopt' | 'headers' | null
  /** How its entries are adopted; null: they are not. */
  adopt: (Required<Omit<AdoptOptions, 'filters'>> & { filters: SyncFilters | null }) | null
  filters: SyncFilters | null
  paused: boolean
  /** Followed because it was offered, and so with a limit in bytes; null: by hand. */
  pushed: { pool: string; peer: string; bytes: number; taken: number } | null
  flows: PushFlow[]
  /** Entries that deviate from what was reached: pulled ones, and those of all flows. */
  exceptions: Record<StateDirection, ExceptionCounts>
}

/** What is offered, and how long to wait for it. */
export interface PushRequestOptions {
  /** Default: the own one. */
  ledgers?: LedgerId[]
  /** Milliseconds to wait until all is confirmed or stands still; 0: not at all. Default 0. */
  waitMs?: number
}

/** How far a remote has come with what it was offered. */
export interface PushReport {
  remote: LedgerId
  flows: PushFlow[]
}

/** Whether an entry is safe elsewhere. */
export interface Replicas {
  /** Remotes that say it is on their disk. */
  confirmed: LedgerId[]
  /** Those that have not said so, and why. */
  waiting: { ledger: LedgerId; code: PushCode; explanation: string }[]
}

/** inbound: pulled from the remote. outbound: pushed to it. */
export type StateDirection = 'inbound' | 'outbound'

/** Of one entry and one remote: the row of the seed's sync_state. */
export interface SyncStateRow {
  /** `<ledger>:<entry id>` */
  id: string
  remote: LedgerId
  ledger: LedgerId
  seq: number
  entryId: string
  entryHash: string
  direction: StateDirection
  status: StateStatus
  /** Why it is not synced; null: it is. */
  code: StateCode | null
  error: string | null
  /** Undecided conflicts in which it stands, as they are known here. */
  conflicts: string[]
  attempts: number
  /** ms since the epoch. */
  lastAttempt: number | null
  nextAttempt: number | null
  /** Since when it is here, or deviates; and when that changed last. */
  createdAt: number
  updatedAt: number
}

/** Which rows; the filters are joined by "and". `entry`: an id or a hash. `limit`: 1 to 1,000, default 100. */
export interface SyncStateFilter {
  remote?: LedgerId
  ledger?: LedgerId
  direction?: StateDirection
  status?: StateStatus
  entry?: string
  limit?: number
  cursor?: string
}

/** Which exceptions; all that is absent: every one. */
export type StateChoice = Pick<SyncStateFilter, 'remote' | 'ledger' | 'direction' | 'entry'>

/** How many entries deviate from what a flow has reached. */
export interface ExceptionCounts {
  pending: number
  conflict: number
  failed: number
}

/** One page. */
export interface SyncState {
  rows: SyncStateRow[]
  nextCursor: string | null
  hasMore: boolean
}

/** An offer that waits for the operator. */
export interface PendingOffer {
  ledger: LedgerId
  peer: string
  /** As the genesis says, by key entries that the peer has shown. */
  name: string
  access: 'public' | 'private'
  size: number
  /** The ledger that the peer speaks for, as far as it has shown; null: none. */
  from: LedgerId | null
  trusted: boolean
  state: 'pending' | 'dismissed' | 'blocked'
  first: number
  last: number
}

/** What a token allows. */
export interface Invitation {
  mode?: 'mirror' | 'headers'
  /** Only these ledgers. Default: any. */
  ledgers?: LedgerId[]
  /** Bytes that each may grow to. Default: `push.limits.bytesPerLedger`. */
  bytes?: number
  /** How many ledgers may come by it. Default 1. */
  uses?: number
  /** ms since the epoch. Default: never. */
  expires?: number
}

/** What sync gives back, by entry ids. */
export interface SyncResult {
  accepted: string[]
  rejected: { id: string; reason: string }[]
  conflicts: { id: string; conflict: string }[]
}
/** Of both directions. */
export interface BidirectionalSyncResult {
  pull: SyncResult
  push: SyncResult
}

/** A remote, given as its ledger id or as its id with settings. */
export type RemoteLedgerConnection = LedgerId | ({ id: LedgerId } & RemoteChange)
/** `timeoutMs`: how long to wait for it; default 30,000. */
export interface SyncEntriesOptions {
  timeoutMs?: number
}
/**
 * `since`: ms since the epoch, `stream`: of what is answered; the chain comes whole. `limit`: ids in the answer, 1,000
 * at most.
 */
export interface PullEntriesOptions extends SyncEntriesOptions {
  since?: number
  limit?: number
  stream?: string
}

/** Remotes, offers and receipts: part of `ledger.plugins.sync`. */
export interface PushMethods {
  /**
   * Makes a remote, or changes one: its addresses are kept dialled, the own ledger is offered to it (push), it is
   * followed (pull), or both.
   */
  addRemote: (ledger: LedgerId, change?: RemoteChange) => Promise<RemoteLedger>
  updateRemote: (ledger: LedgerId, change: RemoteChange) => Promise<RemoteLedger>
  /** Nothing goes either way any more; what is held stays. `copies` as of `unfollow`. */
  removeRemote: (ledger: LedgerId, options?: { copies?: CopiesChoice }) => Promise<void>
  /** Those that were added, and all that is followed: both sides joined. */
  remotes: () => Promise<RemoteLedger[]>
  /** The jobs that pull from and push to remotes, with their states and, on request, their history. */
  jobs: (filter?: JobFilter) => Promise<Job[]>
  /** Offers ledgers to a remote, or to any node that is connected. */
  push: (remote: LedgerId, options?: PushRequestOptions) => Promise<PushReport>
  /** Which remotes have own entry `seq` on their disks: waits until so many have, or the time is over. */
  replicas: (seq: number, wanted: number, timeoutMs: number) => Promise<Replicas>
  /** What was pulled from and pushed to each remote, entry by entry. */
  state: (filter?: SyncStateFilter) => Promise<SyncState>
  /** What was refused or could not be taken is tried again now. How many entries are. */
  retryState: (choice?: StateChoice) => Promise<number>
  /** It is tried no more, and counts as done. How many entries were. */
  clearState: (choice?: StateChoice) => Promise<number>
  /**
   * Pushes the own ledger through the newest of these entries (default: all), and says which of them the remote has.
   */
  pushEntries: (
    remote: RemoteLedgerConnection,
    entries?: readonly { id: string; seq: number }[],
    options?: SyncEntriesOptions
  ) => Promise<SyncResult>
  /**
   * Pulls the remote's ledger, and says which entries are new here; of a ledger that is adopted, which were adopted,
   * and which were not and why. Entries that are not for adoption by their type or the filters are left out.
   */
  pullEntries: (remote: RemoteLedgerConnection, options?: PullEntriesOptions) => Promise<SyncResult>
  /** Both at once: nothing can be transferred twice. */
  syncBidirectional: (remote: RemoteLedgerConnection, options?: SyncEntriesOptions) => Promise<BidirectionalSyncResult>
  /** Offers that wait for the operator (`push.accept: ask`), the oldest first. */
  offers: () => Promise<PendingOffer[]>
  /** Follows what was offered. */
  acceptOffer: (ledger: LedgerId, options?: { headers?: boolean }) => Promise<void>
  dismissOffer: (ledger: LedgerId) => Promise<void>
  blockOffers: (ledger: LedgerId) => Promise<void>
  /** A token that lets its bearer offer. It is shown this once. */
  invite: (invitation?: Invitation) => Promise<string>
}
