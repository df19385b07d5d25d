/** The vocabulary of sync: what happened (events, in) and what to do about it (effects, out). */
import type { ErrorCode } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'

/** Why a ledger is stalled (I6). Every one has a sentence in stall-codes.ts. */
export type StallCode =
  | 'NO_PEERS' // nobody we know has it
  | 'HEAD_UNBACKED' // a signed head says there is more; nobody hands it over
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
  | 'PAYLOADS_MISSING' // all headers held; wanted payloads that nobody hands over

export type SyncStatus =
  | { status: 'synced'; size: number }
  | { status: 'syncing'; size: number; target: number }
  /** `next`: when something is tried again (ms since the epoch); null: not before somebody acts. */
  | { status: 'stalled'; size: number; code: StallCode; since: number; next: number | null }

/** How much of this node the pull of a ledger may have. */
export interface Terms {
  /** 0–9: each step doubles its share. */
  priority: number
  /** Ledgers of one share have one turn together: those that one introducer brought. */
  share: string
  /** A cap of bandwidth, in bytes per second; null: only that of the node. */
  bytesPerSecond: number | null
}

/**
 * What a peer says it has of a ledger. Before it became an event its signature was checked, and that its key is the
 * ledger's at that seq (by the chain that is held, or by key entries that the peer showed): a stranger's self-signed
 * head is no claim at all.
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
      /** PAUSED: until then, ms since the epoch; default: until somebody ends it. */
      pausedUntil?: number
      /** Default: the middle priority, a share of its own, no cap. */
      terms?: Terms
      /** Outside of its times: see `closed`. */
      closed?: { next: number | null }
    }
  | { type: 'unfollowed'; ledger: LedgerId }
  /**
   * `code`: why, default PAUSED; again: the later code counts. `until`: ms since the epoch; default: until somebody
   * ends it.
   */
  | { type: 'paused'; ledger: LedgerId; code?: 'PAUSED' | 'UNTRUSTED' | 'QUOTA'; until?: number | null }
  | { type: 'terms'; ledger: LedgerId; terms: Terms }
  /**
   * Nothing is fetched from now on; what is under way is stored. Heads are still asked for. `next`: when that is over,
   * ms since the epoch; null: when somebody asks for it. The own ledger and the pull behind a freeze go on.
   */
  | { type: 'closed'; ledger: LedgerId; next: number | null }
  | { type: 'opened'; ledger: LedgerId }
  /** Payloads came outside of a range: they count like one. */
  | { type: 'payloads-fetched'; ledger: LedgerId; bytes: number }
  /** Ends PAUSED, UNTRUSTED, QUOTA and RESTORING. */
  | { type: 'resumed'; ledger: LedgerId }
  /**
   * Somebody wants it now: ask all peers again, whatever the backoff. It is synced only when one of them has answered
   * since.
   */
  | { type: 'pull-requested'; ledger: LedgerId }
  /** How many payloads the follow wants and are neither present nor erased. */
  | { type: 'payloads-missing'; ledger: LedgerId; missing: number; asked: boolean }
  /**
   * An answer to fetch-head, or told unasked. `none`: asked ledgers that the peer does not have; `denied`: that it
   * refuses.
   */
  | { type: 'heads'; peer: string; heads: PeerHead[]; none: LedgerId[]; denied: LedgerId[] }
  | { type: 'heads-failed'; peer: string; ledgers: LedgerId[]; code?: ErrorCode; fault?: Fault; retryMs?: number }
  /** A lookup says that this connected peer has the ledger. */
  | { type: 'found'; ledger: LedgerId; peer: string }
  /** The peer asks us about these ledgers and says that it holds entries of them. */
  | { type: 'asked'; peer: string; ledgers: LedgerId[] }
  /** A gossiped head; `peer` is whoever forwarded it, and so has at least heard of it. */
  | { type: 'announced'; peer: string; head: PeerHead & { prevHash: Hash | null } }
  /**
   * A range arrived that chains within itself and ends in a valid signature. It waits under `fetch` until it is stored
   * or discarded. `bytes`: of headers, signatures and payloads; default: as
   * many as it was thought to have.
   */
  | { type: 'batch-verified'; fetch: number; count: number; bytes?: number }
  /**
   * Wire codes arrive as ours: BUSY as OVERLOADED with `retryMs`, DENIED as REFUSED, UNAVAILABLE as NOT_FOUND with
   * `available` (what the peer says it has instead: first seq and size).
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
   * find-fork failed, or found no difference (the peer changed its story), or one that the author did not sign (fault:
   * peer).
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
  /** A peer answered that our head is its newest. */
  | { type: 'confirmed'; ledger: LedgerId }
  /**
   * Find somebody who has the ledger, and connect. `more`: to so many at most who are not connected yet, whoever they
   * are.
   */
  | { type: 'dial'; ledger: LedgerId; more?: number }
  /** The peer sent what it could prove to be wrong: disconnect, and do not come back for a while. */
  | { type: 'drop'; peer: string; ledger: LedgerId; code: ErrorCode }
  /** Send a tick at this time (ms since the epoch). The latest one replaces those before. */
  | { type: 'wake-at'; at: number }
