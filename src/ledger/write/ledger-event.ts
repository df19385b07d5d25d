import type { Entry } from '../../core/entry.js'
import type { LedgerState } from '../read/records.js'

/** Changes of a ledger, by name. An event is sent once the change is stored and can be read. */
export interface LedgerChanges {
  /**
   * Entries became visible: new ones, and those beyond a freeze that has ended. In chain order. `signed`: this node has
   * made them; entries that come back from mirrors while the own ledger is restored are not `signed`.
   */
  stored: { entries: Entry[]; signed: boolean }
  /** The wanted, missing payload of this entry was stored. */
  filled: { seq: number }
  /** More entries count as audited (I3). Own entries do so before their `stored` event. */
  audited: object
  /**
   * The point of the freeze (I4), or the believed part (R1), has changed. `was`: the earlier point of the freeze; null:
   * it was not frozen.
   */
  frozen: { was: LedgerState['frozen'] }
  /** Entries from `size` on were dropped, or voided by a branch. */
  cut: { size: number }
  /** The ledger is no longer held. */
  removed: object
}

export type LedgerEvent = { [Type in keyof LedgerChanges]: { type: Type } & LedgerChanges[Type] }[keyof LedgerChanges]
