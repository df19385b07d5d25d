/**
 * What the plugins of one node tell each other, so that one picture can be drawn of it; null: that plugin is not there.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { LedgerSyncStatus } from './node.js'
import type { TrustStatement } from './topology.js'

export interface Overview {
  /** Of the own ledger and of those followed. */
  sync: (() => LedgerSyncStatus[]) | null
  /** The attestations in force. */
  trust: (() => TrustStatement[]) | null
  /** Entries of a ledger that is not held, asked of others, each with its proof. */
  entries:
    | ((ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }, signal: AbortSignal) => Promise<LedgerEntry[]>)
    | null
}
