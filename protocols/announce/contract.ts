import type { SignedRecord, WireKeyEntry } from '../types.js'

/** Exactly one of them. A head or evidence goes to its ledger's topic, a record to the network's. */
export type Announcement = { head: WireKeyEntry } | { evidence: Uint8Array } | { record: SignedRecord }
