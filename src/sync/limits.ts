/** The bounds of sync: every count and time it works with. The defaults are DESIGN §5's. */
export interface SyncLimits {
  /** Entries in one fetch. */
  batchEntries: number
  /** Batches of one ledger in flight or waiting to be stored. */
  batchesAhead: number
  /** Fetches in flight at one peer. */
  fetchesPerPeer: number
  /** Fetches in flight altogether. */
  fetchesTotal: number
  /** Beside those, for what waits for nobody: the own ledger, and what is below evidence. */
  fetchesExempt: number
  /** A cap of bandwidth for all fetches together, in bytes per second; null: none. */
  bytesPerSecond: number | null
  /** Batches held altogether beyond which only the next one of a ledger is fetched, nothing ahead of it. */
  batchesHeld: number
  /** Ledgers in one fetch-head. */
  headsPerAsk: number
  /** Between two head exchanges with a peer, in ms; jittered by a quarter. */
  headIntervalMs: number
  /** Every so many head exchanges a peer is asked for all followed ledgers, not only for those it has. */
  fullExchangeEvery: number
  /**
   * Peers asked about one synced ledger in `headIntervalMs`; more of them take turns. So many of those without it are
   * asked between two full exchanges.
   */
  headPeers: number
  /** An unanswered fetch-head counts as failed after this, in ms. */
  askTimeoutMs: number
  /** How long an answer that confirmed our size counts, in ms. */
  confirmedMs: number
  /** No progress for so long is a stall with a name (I6), in ms. */
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
  /** First wait before a peer is asked again for what it has heard of but did not have yet, in ms. */
  unavailableBaseMs: number
  /** Between two dial effects, in ms: thousands of ledgers must not be looked up at once. */
  dialSpacingMs: number
  /**
   * A ledger that is well is looked up again, first after so long and then ever more rarely, in ms: those who confirm
   * it to each other may all have missed the rest.
   */
  lookBaseMs: number
  lookMaxMs: number
  /** Between two such look-ups of one node, in ms: who follows many ledgers meets others with each of them. */
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
