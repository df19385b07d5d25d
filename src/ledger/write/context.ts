import type { LedgerId } from '../../core/ledger-id.js'
import type { Verify } from '../../core/signature.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { HeldEntries } from '../read/reference-target.js'
import type { ConflictIndex } from '../claims/conflict-index.js'
import type { Arrivals } from '../feed/arrivals.js'
import type { RuleBook } from '../claims/rule-book.js'
import type { Compactor } from './compactor.js'
import type { LedgerEvent } from './ledger-event.js'

/** What all ledgers of a store share. */
export interface LedgerContext {
  store: Store
  clock: Clock
  random: Random
  log: Log
  /** The network that this node belongs to; ledgers of others are refused. */
  network: string
  verify: Verify
  compactor: Compactor
  /** The entries of all held ledgers. */
  held: HeldEntries
  /** The rules that find conflicts. */
  rules: RuleBook
  conflicts: ConflictIndex
  /** The feed: what became visible, in the order of its coming. */
  arrivals: Arrivals
  /** The own ledger; null: none yet. */
  own: () => LedgerId | null
  /** Calls all listeners (`Ledgers.on`). */
  emit: (ledger: LedgerId, event: LedgerEvent) => void
}
