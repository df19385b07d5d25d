/** A ledger id, or `*` for all that are held. */
export type LedgerChoice = string
