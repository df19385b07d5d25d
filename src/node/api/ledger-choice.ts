/** A ledger id, or `*` for all held ledgers. */
export type LedgerChoice = string
