/** What can be asked of the network around this node. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { MembersReport, RefusalsReport } from './access.js'
import type { Discovery, DiscoverOptions, FindQuery, KnownLedger, PeerStatus, RegisteredAt } from './discovery.js'
import type { NetworkEvent, NetworkEventKind } from './events.js'
import type { Appended } from './ledger.js'
import type { EntryKey, FollowedReferences, FollowReferencesOptions } from './references.js'
import type { NetworkAnswer, NetworkCount, NetworkQuestion } from './query.js'
import type { Topology } from './topology.js'
import type { TrustApi } from './trust.js'

/**
 * The network around this node: `ledger.plugins.interoperability`, and what the RPC calls `network.*` and `trust.*`.
 */
export interface InteroperabilityMethods {
  /** Where this node is reached: multiaddrs with /p2p/, to be dialled by others or to be their `bootstrap`. */
  addresses: () => string[]
  /** Dials a multiaddr with /p2p/, and waits for the exchange of records. */
  connect: (address: string) => Promise<PeerStatus>
  /** Who is connected. */
  peers: () => Promise<PeerStatus[]>
  /** All ledgers that this node knows of, held or not. */
  ledgers: () => Promise<KnownLedger[]>
  /**
   * Asks across ledgers, held here or not; what comes from others is shown only if it checks, and the answer says what
   * it misses.
   */
  query: (question?: NetworkQuestion) => Promise<NetworkAnswer>
  /** How many entries match. Of a ledger that is not held all are shown and counted, as far as the time goes. */
  count: (question?: NetworkQuestion) => Promise<NetworkCount>
  /** Searches the DHT by capability (default `sync`), or for who serves one ledger. */
  findLedgers: (query: FindQuery) => Promise<KnownLedger[]>
  /**
   * Nodes found by all ways that are asked for, with where each is known from and where the sources contradict each
   * other.
   */
  discover: (options?: DiscoverOptions) => Promise<Discovery>
  /** Tells registries of this node, now and whenever its record changes; default: every registry that is known. */
  register: (registryPeer?: string) => Promise<RegisteredAt[]>
  /** Tells the registries that have this node on their lists whether it can be reached from now on. */
  updateStatus: (ledger: LedgerId, status: 'online' | 'offline') => Promise<void>
  /** One ledger and its nodes, also by asking around; null: nothing is known. */
  getLedger: (ledger: LedgerId) => Promise<KnownLedger | null>
  /** Lets another node speak for the own ledger; `expires` in ms since the epoch, default: until revoked. */
  authorizeNode: (peerId: string, expires?: number) => Promise<Appended>
  /** Ends `authorizeNode`. */
  revokeNode: (peerId: string) => Promise<Appended>
  members: () => Promise<MembersReport>
  /** Makes the peer a member for so many days. The own ledger must be an issuer of memberships. */
  admit: (peer: string, days: number) => Promise<Appended>
  /** Ends the peer's memberships of the own ledger: their hashes. */
  expel: (peer: string) => Promise<Hash[]>
  /** What this node refused to which peer, and which peers refused it. */
  refusals: () => Promise<RefusalsReport>
  /** Attests, revokes, accepts, verifies; asks which ledger trusts which, and why. */
  trust: TrustApi
  /** 0–1; `trust.explain` says why. */
  getTrustLevel: (from: LedgerId, to: LedgerId) => Promise<number>
  /** Is there any trust from `source` in `target`? */
  verifyTrustChain: (source: LedgerId, target: LedgerId) => Promise<boolean>
  /** Events of these kinds (null: all) until the returned function is called. The listener must be quick. */
  subscribe: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void
  /**
   * From one entry (a string is its id) along its references, over all ledgers that are held; `ledger`: whose entry it
   * is, default the own one's. Throws INVALID_PARAMS, NOT_FOUND, NOT_FOLLOWED.
   */
  followReferences: (
    start: EntryKey | string,
    options?: FollowReferencesOptions,
    ledger?: LedgerId
  ) => Promise<FollowedReferences>
  /** Ledgers and their nodes, and which ledgers mirror, reference and trust which, as far as this node knows. */
  topology: () => Promise<Topology>
  /** One claim for each connected peer: its clock minus ours, ms. */
  clockOffsets: () => number[]
}
