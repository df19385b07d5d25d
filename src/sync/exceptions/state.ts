/** The outcome of transferring one entry from or to one remote, and why it is not synced. */
import type { PushCode } from '../push/types.js'

export const STATE_STATUSES = ['pending', 'synced', 'conflict', 'failed'] as const
/** The outcome of one entry. */
export type StateStatus = (typeof STATE_STATUSES)[number]

/** Codes of entries alone; the others are also a flow's. */
export const STATE_ONLY_CODES = ['UNAUDITED', 'CONFLICT', 'SOURCE_DISPUTED', 'SOURCE_VOIDED'] as const
/** Why an entry is not synced. */
export type StateCode = PushCode | (typeof STATE_ONLY_CODES)[number]
