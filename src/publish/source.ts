import type { Entry } from '../core/entry.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'

/** Where a ledger to be published comes from. None of it is trusted: what does not check is not published. */
export interface PublishSource {
  /** `checkpoint`: its newest note; null: none is over entries that are shown. `visible`: entries that may be shown. `evidence`: what froze the ledger, if anything. */
  head: () => Promise<{
    ledger: LedgerId
    keyEntries: Entry[]
    checkpoint: string | null
    visible: number
    evidence: string | null
  }>
  /** The entries from seq `from` up to below `to`. `state` says why a payload is absent. */
  entries: (from: number, to: number) => AsyncIterable<{ entry: Entry; state: string }>
  /** null: it is not held, or may not be shown. */
  entry: (seq: number) => Promise<Entry | null>
  /** Hashes of the payloads that are to be erased by entries from seq `from` on. */
  erased: (from: number) => AsyncIterable<Hash>
}
