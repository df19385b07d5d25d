import type { LedgerId } from '../core/ledger-id.js'
import type { Hash } from '../core/hash.js'
import type { Verify } from '../core/signature.js'
import type { Clock, Log, Random } from '../ports.js'
import type { Store } from '../store/store.js'
import type { Compactor } from './compactor.js'

/** What every ledger of a store shares. */
export interface LedgerContext {
  store: Store
  clock: Clock
  random: Random
  log: Log
  /** The network that this node belongs to; ledgers of others are refused. */
  network: string
  verify: Verify
  compactor: Compactor
  /** The hash of an entry in any held ledger; null: not held. */
  resolve: (ledger: LedgerId, entryId: string) => Promise<Hash | null>
}
