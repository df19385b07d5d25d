/**
 * The vocabulary of the signer's state: what happened (events, in), what to do about it (effects, out), and what is
 * kept over restarts.
 */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'

/** A moment: `wall` in ms since the Unix epoch, as others read it; `steady` in ms of a monotonic clock. */
export interface Moment {
  wall: number
  steady: number
}

/** A peer that showed our head, by an answer to a question that named neither our size nor our hash (R3). */
export interface Witness {
  peer: string
  /** The ledger that it proved to speak for; null: none. */
  ledger: LedgerId | null
  /** The largest own entry that it showed. */
  seq: number
  hash: Hash
  /** When it showed it last, ms since the epoch. */
  at: number
}

/** A record signed by our own key that we did not issue (R4). `issued`: of the newest of them, ms since the epoch. */
export interface TwinSeen {
  since: number
  issued: number
  peer: string
}

/** A foreign record that was already handled: it has no effect a second time. */
export interface SeenRecord {
  hash: Hash
  expires: number
}

/**
 * Against what was noted when the key signed last: `boot`: the same machine, mark file and boot; `same`: the same
 * machine and mark file; `changed`: another machine or mark file, or nothing was noted.
 */
export type IdentityNow = 'boot' | 'same' | 'changed'

export interface SignerMemory {
  witnesses: Witness[]
  twin: TwinSeen | null
  seen: SeenRecord[]
}

/** Known peers: the operator follows, trusts, admitted or named them. */
export type IsNamed = (peer: string, ledger: LedgerId | null) => boolean

export interface SignerInit {
  memory: SignerMemory
  identity: IdentityNow
  /** The ledger was made in this process. */
  made: boolean
  /** The operator's declaration for this start (`--offline`). */
  offline: boolean
  /** When this process began, ms since the epoch. */
  beganAt: number
  isNamed: IsNamed
  /** In [0, 1). */
  random: () => number
}

/**
 * Why the key may sign. `word`: the operator said so; `strangers`: those noted are strangers, and none answered in
 * time.
 */
export type ReadyBy = 'made' | 'alone' | 'peers' | 'witness' | 'strangers' | 'word'

/**
 * `starting`: the network is not up yet. `confirming`: others are asked whether they hold more of our ledger (R3);
 * `until`: steady ms, null: until a witness confirms or the operator speaks. `twin`: another node signs with our keys
 * (R4). `closed`: opened without a network although there are witnesses.
 */
export type SignerState =
  | { phase: 'starting' }
  | {
      phase: 'confirming'
      since: number
      until: number | null
      changed: boolean
      named: boolean
      witnesses: number
      confirmed: boolean
    }
  | { phase: 'ready'; by: ReadyBy }
  | { phase: 'twin'; twin: TwinSeen }
  | { phase: 'closed' }

export type SignerEvent =
  /** Sent once. `reachable`: a witness is known that could be dialled; null: there is no network. */
  | { type: 'started'; reachable: boolean | null }
  | { type: 'tick' }
  /** The peer can be asked. */
  | { type: 'connected'; peer: string }
  | { type: 'disconnected'; peer: string }
  /**
   * To `ask`. `head`: the newest own entry that it showed, validly signed by a key that counts (R5), and whether our
   * chain has it; null: none, or `same`.
   */
  | { type: 'answered'; peer: string; ledger: LedgerId | null; head: { seq: number; hash: Hash; held: boolean } | null }
  /** It did not answer. */
  | { type: 'silent'; peer: string }
  /** A peer showed an own entry that is not stored here; `timestamp`: its claimed time. RESTORING is the guard's. */
  | { type: 'lacking'; timestamp: number }
  /** The missing entries are stored again. */
  | { type: 'restored' }
  /** A record of this network, signed by the own key in force or the own peer key, that this home did not issue. */
  | { type: 'foreign-record'; hash: Hash; peer: string; issued: number; expires: number }
  /** The operator declares that nothing is missing, and no other node uses these keys. */
  | { type: 'word' }

export type SignerEffect =
  /** Ask the peer for the head of our ledger, with size 0 and no hash. */
  | { type: 'ask'; peer: string }
  /** Dial these witnesses; `providers`: and all providers of our ledger. */
  | { type: 'seek'; witnesses: string[]; providers: boolean }
  /** The memory has changed: it must be durable before anything else happens. */
  | { type: 'keep' }
  /** Renew the own record and send it to all peers, so that the other node learns of this one. */
  | { type: 'call-out' }
  /** A tick is wanted then (steady ms). */
  | { type: 'wake-at'; at: number }
