import type { ChainState } from '../core/chain.js'
import { familyRange, ledgerKey, ledgerRange, seqOf } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { decodeRow, decodeState } from './read/records.js'

/** Seq of the own ledger's newest key entry: its genesis, or its last rotation. */
export async function lastKeyEntry(store: Store): Promise<number> {
  for (const [, value] of await store.all(familyRange('ledger'))) {
    const { n, own } = decodeRow(value)
    const [key] = own ? await store.keys({ ...ledgerRange('keyEntry', n), reverse: true, limit: 1 }) : []
    if (key !== undefined) return seqOf(key)
  }
  return 0
}

/** Reads the own ledger's row and state without opening it; null: there is no own ledger. Throws STORE_DAMAGED. */
export async function ownChain(store: Store): Promise<ChainState | null> {
  for (const [, value] of await store.all(familyRange('ledger'))) {
    const { n, own } = decodeRow(value)
    const state = own ? await store.get(ledgerKey('state', n)) : undefined
    if (state !== undefined) return decodeState(state).chain
  }
  return null
}
