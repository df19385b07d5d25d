/** The operations on the network around this node. */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { MembersReport, RefusalsReport } from './access.js'
import type { Discovery, DiscoverOptions, FindQuery, KnownLedger, PeerStatus, RegisteredAt } from './discovery.js'
import type { NetworkEvent, NetworkEventKind } from './events.js'
import type { Appended } from './ledger.js'
import type { EntryKey, FollowedReferences, FollowReferencesOptions } from './references.js'
import type { CountQuestion, IndexFaultSummary, NetworkAnswer, NetworkCount, NetworkQuestion } from './query.js'
import type { Topology } from './topology.js'
import type { TrustApi } from './trust.js'

/** The network around this node: `ledger.plugins.interoperability`, in the RPC `network.*` and `trust.*`. */
export interface InteroperabilityMethods {
  /** The addresses of this node: multiaddrs with /p2p/, which other nodes can dial or use as `bootstrap`. */
  addresses: () => string[]
  /** Dials a multiaddr with /p2p/, and waits for the exchange of records. */
  connect: (address: string) => Promise<PeerStatus>
  /** Ends the connections with a peer, which may come back. Throws NOT_FOUND: it is not connected. */
  disconnect: (peer: string) => Promise<void>
  /** The connected peers. */
  peers: () => Promise<PeerStatus[]>
  /** All ledgers that this node knows of, held or not. */
  ledgers: () => Promise<KnownLedger[]>
  /**
   * Queries several ledgers, held here or not; entries from other nodes are shown only after verification, and the
   * answer says what it lacks.
   */
  query: (question?: NetworkQuestion) => Promise<NetworkAnswer>
  /**
   * How many entries match. Matches in a ledger that is not held are fetched with proofs and counted, as far as the
   * time allows.
   */
  count: (question?: CountQuestion) => Promise<NetworkCount>
  /** Files in which authors of wrong indexes convicted themselves: answers by such an index prove nothing here. */
  indexFaults: () => Promise<IndexFaultSummary[]>
  /** Believes the indexes of a ledger again; returns the ids of the faults that counted until now. */
  pardonIndex: (ledger: LedgerId) => Promise<Hash[]>
  /** Searches the DHT by capability (default `sync`), or for nodes that serve one ledger. */
  findLedgers: (query: FindQuery) => Promise<KnownLedger[]>
  /** Nodes found by all requested methods, with the sources of each and the contradictions between sources. */
  discover: (options?: DiscoverOptions) => Promise<Discovery>
  /** Registers this node with registries, now and whenever its record changes; default: every known registry. */
  register: (registryPeer?: string) => Promise<RegisteredAt[]>
  /** Tells the registries that list this node whether it can be reached from now on. */
  updateStatus: (ledger: LedgerId, status: 'online' | 'offline') => Promise<void>
  /** One ledger and its nodes, searched on the network too; null: nothing is known. */
  getLedger: (ledger: LedgerId) => Promise<KnownLedger | null>
  /** Authorises another node to represent the own ledger; `expires` in ms since the epoch, default: until revoked. */
  authorizeNode: (peerId: string, expires?: number) => Promise<Appended>
  /** Ends `authorizeNode`. */
  revokeNode: (peerId: string) => Promise<Appended>
  members: () => Promise<MembersReport>
  /** Makes the peer a member for this many days. The own ledger must be an issuer of memberships. */
  admit: (peer: string, days: number) => Promise<Appended>
  /** Ends the peer's memberships of the own ledger; returns their hashes. */
  expel: (peer: string) => Promise<Hash[]>
  /** What this node refused to which peer, and which peers refused it. */
  refusals: () => Promise<RefusalsReport>
  /** Attests, revokes, accepts and verifies trust; answers which ledger trusts which, and why. */
  trust: TrustApi
  /** 0–1; `trust.explain` says why. */
  getTrustLevel: (from: LedgerId, to: LedgerId) => Promise<number>
  /** Does `source` trust `target` at all? */
  verifyTrustChain: (source: LedgerId, target: LedgerId) => Promise<boolean>
  /** Delivers events of these kinds (null: all) until the returned function is called. The listener must be fast. */
  subscribe: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) => () => void
  /**
   * Follows references from one entry (a string is its id) over all held ledgers; `ledger`: the ledger of that entry,
   * default the own one. Throws INVALID_PARAMS, NOT_FOUND, NOT_FOLLOWED.
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
