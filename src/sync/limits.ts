/** The limits of sync: all its counts and times. The defaults are those of DESIGN §5. */
export interface SyncLimits {
  /** Entries in one fetch. */
  batchEntries: number
  /** Batches of one ledger in flight or waiting to be stored. */
  batchesAhead: number
  /** Fetches in flight at one peer. */
  fetchesPerPeer: number
  /** Fetches in flight altogether. */
  fetchesTotal: number
  /** Additional fetches for the own ledger and entries below evidence, which do not wait for others. */
  fetchesExempt: number
  /** A bandwidth cap for all fetches together, in bytes per second; null: none. */
  bytesPerSecond: number | null
  /** Total of held batches beyond which only the next batch of a ledger is fetched, none ahead of it. */
  batchesHeld: number
  /** Ledgers in one fetch-head. */
  headsPerAsk: number
  /** Between two head exchanges with a peer, in ms; jittered by a quarter. */
  headIntervalMs: number
  /** Number of head exchanges after which a peer is asked for all followed ledgers, not only for those that it has. */
  fullExchangeEvery: number
  /**
   * Peers asked about one synced ledger in `headIntervalMs`; more peers take turns. As many of those without it are
   * asked between two full exchanges.
   */
  headPeers: number
  /** An unanswered fetch-head counts as failed after this, in ms. */
  askTimeoutMs: number
  /** How long an answer that confirmed our size counts, in ms. */
  confirmedMs: number
  /** Time without progress after which the ledger is stalled (I6), in ms. */
  stallMs: number
  /** A fetch that takes longer is asked of another peer, if there is one; in ms. */
  slowFetchMs: number
  /** A fetch or a search for a fork without an answer is given up after this, in ms. */
  fetchTimeoutMs: number
  /** How long a peer that sent provably wrong data is not asked for the ledger, in ms. */
  banMs: number
  /** How long the claim of a peer that left counts, in ms. */
  claimMs: number
  /** First and longest wait after failures, in ms. */
  backoffBaseMs: number
  backoffMaxMs: number
  /** First wait before a peer is asked again for entries that it knew of but did not have yet, in ms. */
  unavailableBaseMs: number
  /** Between two dial effects, in ms: thousands of ledgers must not be looked up at once. */
  dialSpacingMs: number
  /**
   * Time after which further peers of a synced ledger are searched, then ever more rarely, in ms: peers that confirm a
   * head to each other may all have missed newer entries.
   */
  lookBaseMs: number
  lookMaxMs: number
  /**
   * Shortest time between two such searches of one node, in ms: a node that follows many ledgers finds new peers with
   * each of them.
   */
  lookSpacingMs: number
  /** Peers remembered per ledger. */
  peersPerLedger: number
  /** Bans remembered per ledger, and backoffs of peers that left. */
  remembered: number
}

export const DEFAULT_LIMITS: SyncLimits = {
  batchEntries: 512,
  batchesAhead: 8,
  fetchesPerPeer: 4,
  fetchesTotal: 32,
  fetchesExempt: 4,
  bytesPerSecond: null,
  batchesHeld: 64,
  headsPerAsk: 512,
  headIntervalMs: 60_000,
  fullExchangeEvery: 10,
  headPeers: 8,
  askTimeoutMs: 30_000,
  confirmedMs: 180_000,
  stallMs: 30_000,
  slowFetchMs: 20_000,
  fetchTimeoutMs: 150_000,
  banMs: 600_000,
  claimMs: 600_000,
  backoffBaseMs: 1_000,
  backoffMaxMs: 60_000,
  unavailableBaseMs: 100,
  dialSpacingMs: 50,
  lookBaseMs: 240_000,
  lookMaxMs: 3_600_000,
  lookSpacingMs: 30_000,
  peersPerLedger: 64,
  remembered: 256
}

/** Entries that a fetch never shrinks below, however slow its peers are. */
export const SMALLEST_BATCH = 16
