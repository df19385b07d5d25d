import type { ChainState } from '../core/chain.js'
import { familyRange, ledgerKey } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { decodeJson, type LedgerRow, type LedgerState } from './records.js'

/** What the store knows of its own ledger, without opening it; null: there is none. Throws STORE_DAMAGED. */
export async function ownChain (store: Store): Promise<ChainState | null> {
  for (const [, value] of await store.all(familyRange('ledger'))) {
    const { n, own } = decodeJson<LedgerRow>(value, 'ledger')
    const state = own ? await store.get(ledgerKey('state', n)) : undefined
    if (state !== undefined) return decodeJson<LedgerState>(state, 'state').chain
  }
  return null
}
