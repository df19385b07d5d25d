import type { Entry } from '../../core/entry.js'
import type { LedgerState } from '../read/records.js'

/** What is different in a ledger, by name; said when it is on the disk and can be read. */
export interface LedgerChanges {
  /**
   * Entries are shown that were not: new ones, and those behind a freeze that has ended. In chain order. `signed`: this
   * node has made them; those that come back from mirrors while the own ledger is restored are not.
   */
  stored: { entries: Entry[]; signed: boolean }
  /** The payload of this entry came, which was wanted and not there. */
  filled: { seq: number }
  /** More entries count as audited (I3). Own ones do before they are said to be stored. */
  audited: object
  /**
   * Where it is frozen (I4), or what of it is believed (R1), is different. `was`: where it was frozen; null: nowhere.
   */
  frozen: { was: LedgerState['frozen'] }
  /** Entries from `size` on were dropped, or voided by a branch. */
  cut: { size: number }
  /** It is held no longer. */
  removed: object
}

export type LedgerEvent = { [Type in keyof LedgerChanges]: { type: Type } & LedgerChanges[Type] }[keyof LedgerChanges]
