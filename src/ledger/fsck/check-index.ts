/** Checks the stored index lmx1 of each ledger (I8). A wrong one is dropped: the node builds it anew. */
import { isCoded } from '../../core/errors.js'
import { sha256 } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { EVIDENCE_ID_DIGITS, familyRange, pardonedBy } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { auditIndex } from '../lmx1/audit-index.js'
import type { EntryReader } from '../read/entry-reader.js'
import type { DamageList } from './damage.js'

interface Indexed {
  id: LedgerId
  ledgerNumber: number
  reader: EntryReader
}

/** The numbers of the ledgers whose index has to be dropped. */
export async function checkIndexes(store: Store, ledgers: readonly Indexed[], damage: DamageList): Promise<number[]> {
  const wrong: number[] = []
  for (const { id, ledgerNumber, reader } of ledgers) {
    const what = await audited(store, ledgerNumber, reader)
    if (what === null) continue
    damage.add('wrong-index', null, null, `the index lmx1 of ${id}: ${what}`)
    wrong.push(ledgerNumber)
  }
  return wrong
}

/** Keys of index faults that are not what their keys say. */
export async function checkIndexFaults(store: Store, damage: DamageList): Promise<Buffer[]> {
  const wrong: Buffer[] = []
  let before: Buffer = Buffer.alloc(0)
  for (const [key, value] of await store.all(familyRange('indexFault'))) {
    const pardoned = pardonedBy(key)
    if (
      pardoned === null ? key.toString().endsWith(sha256(value).slice(0, EVIDENCE_ID_DIGITS)) : pardoned.equals(before)
    ) {
      before = key
      continue
    }
    damage.add('wrong-index', null, null, 'a stored index fault is damaged')
    wrong.push(key)
  }
  return wrong
}

async function audited(store: Store, ledgerNumber: number, reader: EntryReader): Promise<string | null> {
  try {
    return await auditIndex(store, ledgerNumber, reader)
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    return `an entry that it is over is damaged: ${error.message}`
  }
}
