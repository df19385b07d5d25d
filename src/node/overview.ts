/** What the plugins of one node tell each other, so that one picture can be drawn of it; null: that plugin is not there. */
import type { LedgerSyncStatus } from './api.js'
import type { TrustStatement } from './topology/make-topology.js'

export interface Overview {
  /** Of the own ledger and of those followed. */
  sync: (() => LedgerSyncStatus[]) | null
  /** The attestations in force. */
  trust: (() => TrustStatement[]) | null
}
