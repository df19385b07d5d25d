import type { LedgerClient } from '../rpc/client.js'
import { remark } from './print.js'

/**
 * Says on stderr when nobody that the node knows of has this ledger: a mistyped id follows and attests as well as a
 * right one.
 */
export async function warnUnknown(client: LedgerClient, ledger: string, then: string): Promise<void> {
  const { ledgers } = await client.call('network.ledgers', {})
  const known = ledgers.find((one) => one.ledger === ledger)
  if (known?.own === true || (known?.size ?? 0) > 0 || (known?.nodes.length ?? 0) > 0) return
  remark(`Warning: nothing of ${ledger} is held here, and no node that has it is known: check the id. ${then}`)
}
