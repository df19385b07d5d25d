/**
 * The shapes that several protocols carry. Bytes are opaque here: the receiver checks grammar, hashes and signatures.
 */

/** A header and its signature, as signed. */
export interface WireKeyEntry {
  header: Uint8Array
  /** 64 bytes. */
  signature: Uint8Array
}

/** An entry; the payload may be absent (erased, filtered out, missing, or there never was one). */
export interface WireEntry extends WireKeyEntry {
  payload: Uint8Array | null
}

/** What a node has of a ledger: its newest entry's header, and what else it can show. */
export interface WireHead extends WireKeyEntry {
  ledger: string
  /** The newest checkpoint, a signed note. */
  checkpoint: string | null
  /** Evidence against the ledger's author, if the ledger is frozen. */
  evidence: Uint8Array | null
  /** First seq that is held; 0 for a node that holds everything. */
  earliest: number
}

/** A NodeRecord as signed, with the key entries that prove its key to nodes that do not hold the ledger. */
export interface SignedRecord {
  /** Canonical JSON of the record. */
  body: Uint8Array
  /** 64 bytes. */
  signature: Uint8Array
  /** Genesis and every rotation, in order. */
  keyEntries: WireKeyEntry[]
}
