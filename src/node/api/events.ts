/** Events for subscribers: new entries, and events of the network. */
import type { ConflictId } from '../../conflict/claims.js'
import type { ConflictState } from '../../conflict/judge.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { OwnState } from '../../ledger/signer/signer-guard.js'
import type { EntryName, ReferenceStatus } from '../../references/types.js'
import type { StallCode } from '../../sync/types.js'

export const NETWORK_EVENT_KINDS = [
  'connected',
  'disconnected',
  'record',
  'trust',
  'evidence',
  'sync',
  'signer',
  'offer',
  'conflict',
  'reference'
] as const

/** The kinds of events. */
export type NetworkEventKind = (typeof NETWORK_EVENT_KINDS)[number]

/** An event; `ledger` of a peer is the one that its record names, null while it has shown none. */
export type NetworkChange =
  /** A peer has introduced itself. */
  | { kind: 'connected'; peer: string; ledger: LedgerId | null; name: string | null; software: string | null }
  | { kind: 'disconnected'; peer: string; ledger: LedgerId | null }
  /**
   * A peer showed a node record on its own connection that is newer than what was known. `expires`: ms since the epoch.
   */
  | {
      kind: 'record'
      peer: string
      ledger: LedgerId
      name: string | null
      addrs: string[]
      capabilities: string[]
      expires: number
    }
  /** `ledger` changed its trust statements; `subject` null: about several ledgers. */
  | { kind: 'trust'; ledger: LedgerId; subject: LedgerId | null }
  /** The author of the ledger signed contradicting statements; the ledger is frozen at this many entries. */
  | { kind: 'evidence'; ledger: LedgerId; frozenAt: number }
  /**
   * The sync status of a held ledger has changed (I6); `code` says why it is stalled. Changes of a fraction of a second
   * may be left out.
   */
  | { kind: 'sync'; ledger: LedgerId; status: 'synced' | 'syncing' | 'stalled'; code: StallCode | null; size: number }
  /** A peer offers a ledger, and the operator is asked (`push.accept: ask`). `name`: as its genesis says. */
  | { kind: 'offer'; ledger: LedgerId; peer: string; name: string }
  /** A conflict between entries of several ledgers changed its state or its entries (`sync.view`). */
  | { kind: 'conflict'; conflict: ConflictId; rule: string; state: ConflictState; siblings: number }
  /**
   * The status of a reference of a held entry has changed (`was` null: it was not checked before): its target arrived,
   * froze, was voided, or is no longer held.
   */
  | { kind: 'reference'; from: EntryName; to: EntryName; status: ReferenceStatus; was: ReferenceStatus | null }
  /** Whether the own ledger may be signed has changed; `explanation`: why not, null: it may. */
  | { kind: 'signer'; ledger: LedgerId; state: OwnState; explanation: string | null }

/** `at`: ms since the epoch. */
export type NetworkEvent = NetworkChange & { at: number }

/**
 * What `ledger.subscribe` delivers: an own entry after its commit, or entries of a mirror after they were verified and
 * stored.
 */
export interface EntriesEvent {
  ledger: LedgerId
  entries: LedgerEntry[]
}
