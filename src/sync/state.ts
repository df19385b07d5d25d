import type { LedgerId } from '../core/ledger-id.js'
import type { Random } from '../ports.js'
import type { Fetching } from './fetching.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { HeadExchange } from './head-exchange.js'
import type { SyncLimits } from './limits.js'
import type { Peer, PeerBook } from './peer-book.js'
import type { SyncEffect } from './types.js'

/** The state that the event handlers work on. */
export interface SyncState {
  readonly limits: SyncLimits
  readonly random: Random
  readonly ledgers: Map<LedgerId, FollowedLedger>
  readonly peers: PeerBook
  readonly fetching: Fetching
  readonly exchange: HeadExchange
  readonly emit: (effect: SyncEffect) => void
  /** The ledger is checked again before the event is done. */
  readonly touch: (ledger: FollowedLedger) => void
  /** So is the peer's head exchange. */
  readonly touchPeer: (peer: Peer) => void
}
