/** Shapes of remotes, offers and receipts. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { StateCode, StateStatus } from '../../sync/exceptions/state.js'
import type { AdoptOptions, CopiesChoice } from './adopt.js'
import type { Turns } from '../../sync/schedule/schedule.js'
import type { Job, JobFilter } from './jobs.js'
import type { AcceptRule, OfferMode, PushCode } from '../../sync/push/types.js'

export type { AcceptRule, OfferMode, PushCode, StateCode, StateStatus }

/** pull: the remote's ledger is followed. push: the own ledger is offered to it. bidirectional: both. */
export type SyncDirection = 'pull' | 'push' | 'bidirectional'

/** Settings of a remote; absent ones stay unchanged (a new remote has no name, no addresses, and `pull`). */
export interface RemoteChange {
  /** The operator's own name for it; null: none. */
  name?: string | null
  /** Multiaddrs that are dialled while none of its nodes is connected, 8 at most. */
  endpoint?: string[]
  /**
   * Hex: the remote is refused when the ledger's key history, as far as it is held, does not contain this key; null:
   * any key.
   */
  publicKey?: string | null
  syncDirection?: SyncDirection
  /** A token of 64 hex digits from the remote's operator (`invite`); null: none. */
  authToken?: string | null
  /** Which payloads are pulled from it; headers always are. Default: all payloads. */
  filters?: SyncFilters
  /** Pull headers alone. */
  headers?: boolean
  /** Adopt its entries into the own ledger; null: stop adopting. */
  adopt?: AdoptOptions | null
  /**
   * When the remote is pulled from and pushed to: `continuous` (default), `manual`, `every 24h`, or windows such as
   * `mon-fri 22:00-06:00 Europe/Amsterdam`, several with `;` between them.
   */
  schedule?: string | Turns
  /** 0–9, default 5: each step doubles its share of what this node fetches. */
  priority?: number
  /** Caps of bandwidth, 16 KiB/s at least; null: none. */
  inKiBps?: number | null
  outKiBps?: number | null
}

/** How much of one ledger one remote has confirmed. A receipt is the remote's claim. */
export interface PushFlow {
  ledger: LedgerId
  remote: LedgerId
  /** The number of entries held here. */
  size: number
  /** How many of them, from 0, the remote claims to have on its disk. */
  durable: number
  /** synced: all are. pending: in progress, or waiting for its turn. failed: the remote, or a rule, prevents it. */
  status: 'synced' | 'pending' | 'failed'
  /** Why it is not synced; null: it is. */
  code: PushCode | null
  explanation: string | null
  /** Failed offers in a row. */
  attempts: number
  /**
   * Time of the last offer, and latest time of the next one, ms since the epoch; null: never, or when something
   * changes.
   */
  last: number | null
  next: number | null
}

/** A remote, both directions joined. */
export interface RemoteLedger {
  ledger: LedgerId
  /** The schedule as text. */
  schedule: string
  /**
   * Does its schedule allow transfers now? `opens`: otherwise the time when it will, ms since the epoch; null: only on
   * request.
   */
  open: boolean
  opens: number | null
  priority: number
  inKiBps: number | null
  outKiBps: number | null
  /** The operator's name for the remote, else that of its genesis; null: neither is known. */
  name: string | null
  endpoint: string[]
  publicKey: string | null
  syncDirection: SyncDirection
  /** Is a token sent to it? */
  hasToken: boolean
  /** Its connected nodes. */
  peers: string[]
  /** How it is pulled; null: it is not pulled. */
  mode: 'mirror' | 'adopt' | 'headers' | null
  /** How its entries are adopted; null: they are not. */
  adopt: (Required<Omit<AdoptOptions, 'filters'>> & { filters: SyncFilters | null }) | null
  filters: SyncFilters | null
  paused: boolean
  /** Followed because it was offered, with a limit in bytes; null: followed by the operator. */
  pushed: { pool: string; peer: string; bytes: number; taken: number } | null
  flows: PushFlow[]
  /** Entries that are not synced although later ones are: pulled ones, and those of all flows. */
  exceptions: Record<StateDirection, ExceptionCounts>
}

/** Which ledgers are offered, and how long to wait for it. */
export interface PushRequestOptions {
  /** Default: the own one. */
  ledgers?: LedgerId[]
  /** Milliseconds to wait until everything is confirmed or stands still; 0: do not wait. Default 0. */
  waitMs?: number
  /** Wait, and report, only up to the entry with this seq; of one ledger. Default: the newest. */
  through?: number
  /** How the remote is asked to take it; a follow that it has is never changed. Default: either. */
  mode?: OfferMode
  /** Which payloads the remote is asked to take; a follow that it has is never changed. Default: all. */
  filters?: SyncFilters
  /** Report entry by entry, too. Default false. */
  entries?: boolean
}

/** A remote's progress with the ledgers that it was offered. */
export interface PushReport {
  remote: LedgerId
  flows: PushFlow[]
  /** For each ledger, if that was asked for. */
  entries: PushedEntries[]
}

/**
 * What became of the newest 1,000 entries of one ledger. `skipped`: how many of the accepted ones the remote left out
 * of its own ledger when it adopted, by reason.
 */
export interface PushedEntries extends SyncResult {
  ledger: LedgerId
  skipped: Record<string, number>
}

/** Whether an entry is stored on other nodes. */
export interface Replicas {
  /** Remotes that claim to have it on their disk. */
  confirmed: LedgerId[]
  /** Remotes that have not confirmed it, and why. */
  waiting: { ledger: LedgerId; code: PushCode; explanation: string }[]
}

/** inbound: pulled from the remote. outbound: pushed to it. */
export type StateDirection = 'inbound' | 'outbound'

/** The state of one entry with one remote: a row of the seed's sync_state. */
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
  /** Undecided conflicts that involve it, as known here. */
  conflicts: string[]
  attempts: number
  /** ms since the epoch. */
  lastAttempt: number | null
  nextAttempt: number | null
  /** Since when it is held here, or not synced; and the time of the last change. */
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

/** Which exceptions; absent members do not filter. */
export type StateChoice = Pick<SyncStateFilter, 'remote' | 'ledger' | 'direction' | 'entry'>

/** How many entries are exceptions of a flow. */
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
  /** The name in the genesis, by key entries that the peer has shown. */
  name: string
  access: 'public' | 'private'
  size: number
  /** The ledger that the peer represents, as far as it has shown; null: none. */
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
  /** Size limit in bytes of each ledger. Default: `push.limits.bytesPerLedger`. */
  bytes?: number
  /** How many ledgers the token admits. Default 1. */
  uses?: number
  /** ms since the epoch. Default: never. */
  expires?: number
}

/** The result of a sync, by entry ids. */
export interface SyncResult {
  accepted: string[]
  rejected: { id: string; reason: string }[]
  conflicts: { id: string; conflict: string }[]
}
/** The results of both directions. */
export interface BidirectionalSyncResult {
  pull: SyncResult
  push: SyncResult
}

/** Entries of one ledger, in the order of their seq, as `ledger.query` gives them: their `raw` bytes count alone. */
export interface BroughtEntries {
  entries: readonly { id?: unknown; raw: { header: string; payload: string | null; signature: string } }[]
  sourceLedgerId: LedgerId
  /** Hex: one of the ledger's keys. It decides nothing. */
  sourcePublicKey: string
}
/** Who brings entries. `hidden`: whether the ledger is held here is not told. */
export interface BroughtBy {
  from: string
  hidden: boolean
}
/**
 * `size`: entries of the ledger that are held now, where the next ones begin; null: it is not followed. `offered`: then it
 * waits for the operator.
 */
export interface BroughtResult extends SyncResult {
  size: number | null
  offered: boolean
}

/** A remote, given as a ledger id or as an id with settings. */
export type RemoteLedgerConnection = LedgerId | ({ id: LedgerId } & RemoteChange)
/** `timeoutMs`: how long to wait for it; default 30,000. */
export interface SyncEntriesOptions {
  timeoutMs?: number
}
/**
 * `since` (ms since the epoch) and `stream` filter the answer only; the whole chain is pulled. `limit`: ids in the
 * answer, 1,000 at most.
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
  /** Removes a remote: transfers stop both ways; held entries stay. `copies`: as for `unfollow`. */
  removeRemote: (ledger: LedgerId, options?: { copies?: CopiesChoice }) => Promise<void>
  /** Added remotes and followed ledgers, both directions joined. */
  remotes: () => Promise<RemoteLedger[]>
  /** The jobs that pull from and push to remotes, with their states and, on request, their history. */
  jobs: (filter?: JobFilter) => Promise<Job[]>
  /** Offers ledgers to a remote, or to any node that is connected. */
  push: (remote: LedgerId, options?: PushRequestOptions) => Promise<PushReport>
  /** Which remotes have own entry `seq` on their disks: waits until this many have it, or the time is over. */
  replicas: (seq: number, wanted: number, timeoutMs: number) => Promise<Replicas>
  /** The sync state of each entry with each remote. */
  state: (filter?: SyncStateFilter) => Promise<SyncState>
  /** Retries refused or failed entries now. Returns how many. */
  retryState: (choice?: StateChoice) => Promise<number>
  /** Gives entries up: they are not tried again, and count as done. Returns how many. */
  clearState: (choice?: StateChoice) => Promise<number>
  /**
   * Pushes the own ledger up to the newest of these entries (default: all), and returns which of them the remote has.
   */
  pushEntries: (
    remote: RemoteLedgerConnection,
    entries?: readonly { id: string; seq: number }[],
    options?: SyncEntriesOptions
  ) => Promise<SyncResult>
  /**
   * Pulls the remote's ledger, and returns which entries are new here; for an adopted ledger, which were adopted, and
   * which were not and why. Entries excluded from adoption by their type or the filters are left out.
   */
  pullEntries: (remote: RemoteLedgerConnection, options?: PullEntriesOptions) => Promise<SyncResult>
  /** Both at once: nothing can be transferred twice. */
  syncBidirectional: (remote: RemoteLedgerConnection, options?: SyncEntriesOptions) => Promise<BidirectionalSyncResult>
  /**
   * Takes entries that somebody brings, as if a peer had sent them: of a followed ledger they are verified and stored, of
   * another one they are an offer. `by`: default this program.
   */
  receive: (brought: BroughtEntries, by?: BroughtBy) => Promise<BroughtResult>
  /** Offers that wait for the operator (`push.accept: ask`), the oldest first. */
  offers: () => Promise<PendingOffer[]>
  /** Accepts an offer: follows the ledger. */
  acceptOffer: (ledger: LedgerId, options?: { headers?: boolean }) => Promise<void>
  dismissOffer: (ledger: LedgerId) => Promise<void>
  blockOffers: (ledger: LedgerId) => Promise<void>
  /** Makes a token that lets its bearer offer ledgers. It is shown only once. */
  invite: (invitation?: Invitation) => Promise<string>
}
