/** The information that the plugins of one node share for the topology; null: that plugin is not loaded. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { LedgerSyncStatus } from './node.js'
import type { TrustStatement } from './topology.js'

export interface Overview {
  /** State of the own ledger and of followed ones. */
  sync: (() => LedgerSyncStatus[]) | null
  /** The attestations in force. */
  trust: (() => TrustStatement[]) | null
  /** Entries of a ledger that is not held, fetched from other nodes, each with its proof. */
  entries:
    | ((ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }, signal: AbortSignal) => Promise<LedgerEntry[]>)
    | null
  /** Judges evidence about a held ledger that came up while a peer was asked. */
  evidence: ((peer: string, ledger: LedgerId, file: Uint8Array) => Promise<void>) | null
}
