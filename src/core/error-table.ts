/** Every error that Ledgermesh reports: one table, a file for each family of codes. */
import { ENTRY_ERRORS } from './error-table/entry.js'
import { HANDLE_ERRORS } from './error-table/handle.js'
import { JSON_RPC_ERRORS } from './error-table/json-rpc.js'
import { LEDGER_ERRORS } from './error-table/ledger.js'
import { NETWORK_ERRORS } from './error-table/network.js'
import { NODE_ERRORS } from './error-table/node.js'
import { SYNC_ERRORS } from './error-table/sync.js'

export type { ErrorRow, Surface } from './error-table/row.js'

/** By code. The order is that of REFERENCE.md. */
export const ERRORS = {
  ...JSON_RPC_ERRORS,
  ...ENTRY_ERRORS,
  ...LEDGER_ERRORS,
  ...HANDLE_ERRORS,
  ...SYNC_ERRORS,
  ...NETWORK_ERRORS,
  ...NODE_ERRORS
} as const
