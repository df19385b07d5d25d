import { indexRanges, indexRootKey } from '../../store/index-keys.js'
import type { Store } from '../../store/store.js'

/** Deletes a stored index. The root first: without it nothing else counts, whenever this is interrupted. */
export async function dropIndex(store: Store, ledgerNumber: number): Promise<void> {
  await store.write([{ type: 'del', key: indexRootKey(ledgerNumber) }], { sync: true })
  for (const range of indexRanges(ledgerNumber)) await store.clear(range)
}
