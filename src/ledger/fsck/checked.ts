import type { LedgerId } from '../../core/ledger-id.js'
import type { Verify } from '../../core/signature.js'
import type { Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import type { DamageList } from './damage.js'

/** What the checks of one ledger share: the store, how signatures are verified, and where damage is reported. */
export interface Checked {
  id: LedgerId
  /** The ledger's number in keys of the store. */
  ledgerNumber: number
  own: boolean
  store: Store
  reader: EntryReader
  verify: Verify
  damage: DamageList
}
