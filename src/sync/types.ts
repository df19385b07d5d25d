/** The vocabulary of sync: events (in) and effects (out). */
import type { ErrorCode } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'

/** Why a ledger is stalled (I6). Every one has a sentence in stall-codes.ts. */
export type StallCode =
  | 'NO_PEERS' // no known peer has it
  | 'HEAD_UNBACKED' // a signed head shows that there is more, but no peer sends it
  | 'PEERS_FAILING' // all who have it fail or time out
  | 'DENIED' // all who have it refuse us
  | 'FROZEN' // evidence against the author
  | 'KEY_FORK' // one of its keys signed two rotations
  | 'TOO_MANY_KEYS' // more key entries than evidence can carry
  | 'PAUSED' // by the operator
  | 'UNTRUSTED' // by the trust rule of this node
  | 'QUOTA' // it came by push, and its room is used up
  | 'SCHEDULED' // outside of the times at which it is pulled
  | 'QUEUED' // every slot is taken by others
  | 'THROTTLED' // a cap of bandwidth is used up
  | 'RESTORING' // the own ledger, pulled back from its mirrors
  | 'CONFIRMING' // the own ledger: others are asked whether they hold more of it
  | 'TWIN' // the own ledger: another node signs with its keys
  | 'UPGRADE_NEEDED' // entries of a newer version
  | 'STORE_FAILED' // our disk
  | 'WRONG_NETWORK' // its genesis names another network
  | 'PAYLOADS_MISSING' // all headers held; no peer sends the wanted payloads

export type SyncStatus =
  | { status: 'synced'; size: number }
  | { status: 'syncing'; size: number; target: number }
  /** `next`: time of the next try (ms since the epoch); null: not before someone acts. */
  | { status: 'stalled'; size: number; code: StallCode; since: number; next: number | null }

/** The share of this node that the pull of a ledger gets. */
export interface Terms {
  /** 0–9: each step doubles its share. */
  priority: number
  /** Ledgers of one share take turns with each other: those that one peer introduced. */
  share: string
  /** A cap of bandwidth, in bytes per second; null: only that of the node. */
  bytesPerSecond: number | null
}

/**
 * A peer's claim of what it has of a ledger. Before the event its signature was checked, and that its key is the
 * ledger's at that seq (by the held chain, or by key entries that the peer showed): a head that an unknown key signed
 * is no claim.
 */
export interface PeerHead {
  ledger: LedgerId
  /** Entries that the peer has, from 0: its head's seq + 1. */
  size: number
  hash: Hash
}

/**
 * Whose fault it is when a batch fails: the peer's (it is dropped), or none (another peer is tried, this one later).
 * The author's fault comes as evidence.
 */
export type Fault = 'peer' | 'none'

export type SyncEvent =
  | { type: 'tick' }
  | { type: 'connected'; peer: string }
  | { type: 'disconnected'; peer: string }
  /**
   * Follow a ledger of which `size` entries are stored; `stall`: start stalled (FROZEN, KEY_FORK: at `frozenAt`, else
   * at `size`; RESTORING, PAUSED …). Again: starts over.
   */
  | {
      type: 'followed'
      ledger: LedgerId
      size: number
      headHash: Hash | null
      stall?: StallCode
      frozenAt?: number
      /** PAUSED: until then, ms since the epoch; default: until it is resumed. */
      pausedUntil?: number
      /** Default: the middle priority, a share of its own, no cap. */
      terms?: Terms
      /** Outside of its times: see `closed`. */
      closed?: { next: number | null }
    }
  | { type: 'unfollowed'; ledger: LedgerId }
  /**
   * `code`: why, default PAUSED; again: the later code counts. `until`: ms since the epoch; default: until it is
   * resumed.
   */
  | { type: 'paused'; ledger: LedgerId; code?: 'PAUSED' | 'UNTRUSTED' | 'QUOTA'; until?: number | null }
  | { type: 'terms'; ledger: LedgerId; terms: Terms }
  /**
   * Nothing is fetched from now on; running fetches are stored. Heads are still requested. `next`: when that is over,
   * ms since the epoch; null: on request. The own ledger and the pull behind a freeze go on.
   */
  | { type: 'closed'; ledger: LedgerId; next: number | null }
  | { type: 'opened'; ledger: LedgerId }
  /** Payloads arrived outside of a range: they are charged like one. */
  | { type: 'payloads-fetched'; ledger: LedgerId; bytes: number }
  /** Ends PAUSED, UNTRUSTED, QUOTA and RESTORING. */
  | { type: 'resumed'; ledger: LedgerId }
  /**
   * A pull was requested: ask all peers again, whatever the backoff. It is synced only when one of them has answered
   * since.
   */
  | { type: 'pull-requested'; ledger: LedgerId }
  /** The number of payloads that the follow wants and that are neither present nor erased. */
  | { type: 'payloads-missing'; ledger: LedgerId; missing: number; asked: boolean }
  /**
   * An answer to fetch-head, or an unrequested notice. `none`: asked ledgers that the peer does not have; `denied`:
   * that it refuses.
   */
  | { type: 'heads'; peer: string; heads: PeerHead[]; none: LedgerId[]; denied: LedgerId[] }
  | { type: 'heads-failed'; peer: string; ledgers: LedgerId[]; code?: ErrorCode; fault?: Fault; retryMs?: number }
  /** A lookup says that this connected peer has the ledger. */
  | { type: 'found'; ledger: LedgerId; peer: string }
  /** The peer asks us about these ledgers and claims to hold entries of them. */
  | { type: 'asked'; peer: string; ledgers: LedgerId[] }
  /** A gossiped head; `peer` is the one that forwarded it, and so at least knows of it. */
  | { type: 'announced'; peer: string; head: PeerHead & { prevHash: Hash | null } }
  /**
   * A range arrived that chains within itself and ends in a valid signature. It waits under `fetch` until it is stored
   * or discarded. `bytes`: of headers, signatures and payloads; default: the estimate.
   */
  | { type: 'batch-verified'; fetch: number; count: number; bytes?: number }
  /**
   * Wire codes arrive as ours: BUSY as OVERLOADED with `retryMs`, DENIED as REFUSED, UNAVAILABLE as NOT_FOUND with
   * `available` (what the peer claims to have instead: first seq and size).
   */
  | {
      type: 'batch-failed'
      fetch: number
      code: ErrorCode
      fault: Fault
      retryMs?: number
      available?: { earliest: number; size: number }
    }
  | { type: 'stored'; ledger: LedgerId; fetch: number; size: number; headHash: Hash }
  /**
   * The batch is forgotten, like a stored one. BROKEN_LINK: it does not continue what is stored (the author signed
   * two histories, or the peer forged one); STORE_FAILED and other codes of ours: the disk.
   */
  | { type: 'store-failed'; ledger: LedgerId; fetch: number; code: ErrorCode }
  /**
   * Verified evidence is stored: the ledger is frozen at `size` entries. `keyFork`: it shows two rotations by one key.
   */
  | { type: 'evidence'; ledger: LedgerId; size: number; keyFork?: boolean }
  /**
   * find-fork failed, or found no difference (the peer changed its answers), or one that the author did not sign
   * (fault: peer).
   */
  | { type: 'fork-not-found'; ledger: LedgerId; peer: string; fault: Fault }

export type SyncEffect =
  /** Ask the peer for its heads of these ledgers; `size`: what we have. Answered by heads or heads-failed. */
  | { type: 'fetch-head'; peer: string; ledgers: { ledger: LedgerId; size: number }[] }
  /** Answered by batch-verified or batch-failed; at most `count` entries, possibly fewer. */
  | { type: 'fetch-range'; fetch: number; ledger: LedgerId; peer: string; from: number; count: number }
  /** Store the batch that waits under `fetch`. Answered by stored or store-failed. */
  | { type: 'store'; fetch: number; ledger: LedgerId }
  /** Forget the batch that waits under `fetch`, or stop fetching it. */
  | { type: 'discard'; fetch: number }
  /**
   * The peer's history differs from ours somewhere below entry `before`: find the first difference (find-fork.ts), keep
   * both. Answered by evidence or fork-not-found.
   */
  | { type: 'find-fork'; ledger: LedgerId; peer: string; before: number }
  /** A peer answered that our head is the newest. */
  | { type: 'confirmed'; ledger: LedgerId }
  /** Find a peer that has the ledger, and connect. `more`: the most new connections. */
  | { type: 'dial'; ledger: LedgerId; more?: number }
  /** The peer sent data that it could have known to be wrong: disconnect, and refuse it for a while. */
  | { type: 'drop'; peer: string; ledger: LedgerId; code: ErrorCode }
  /** Send a tick at this time (ms since the epoch). The latest one replaces those before. */
  | { type: 'wake-at'; at: number }
