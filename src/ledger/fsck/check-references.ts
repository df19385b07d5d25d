/**
 * Checks the stored results about references (I8). Wrong ones are deleted: the next start examines the ledger again.
 */
import { chunks } from '../../store/chunks.js'
import { familyRange, SEQ_BYTES } from '../../store/keys.js'
import { isReferenceValue, lookedKey, placeOfReference, placeOfWait, referenceKey } from '../../store/reference-keys.js'
import type { Op, Store } from '../../store/store.js'
import type { DamageList } from './damage.js'

/** Rows read together. */
const CHUNK = 1024

/** Writes that repair the damage found. `numbers`: the numbers of existing ledgers. */
export async function checkReferences(store: Store, numbers: ReadonlySet<number>, damage: DamageList): Promise<Op[]> {
  const repair: Op[] = []
  const anew = new Set<number>()
  for await (const chunk of chunks(store, familyRange('refState'), CHUNK))
    for (const [key, value] of chunk) {
      const place = placeOfReference(key)
      if (place === null ? value.length === SEQ_BYTES : isReferenceValue(value)) continue
      damage.add('wrong-index', null, place?.seq ?? null, 'the result of checking a reference cannot be read')
      repair.push({ type: 'del', key })
      anew.add(key.readUInt32BE(1))
    }
  for await (const chunk of chunks(store, familyRange('refWait'), CHUNK)) {
    const rows = await store.getMany(chunk.map(([key]) => referenceKey(placeOfWait(key))))
    for (const [i, [key]] of chunk.entries()) {
      const { ledgerNumber, seq } = placeOfWait(key)
      if (rows[i] !== undefined && numbers.has(ledgerNumber)) continue
      damage.add('wrong-index', null, seq, 'a reference that waits for its target is not known')
      repair.push({ type: 'del', key })
      if (numbers.has(ledgerNumber)) anew.add(ledgerNumber)
    }
  }
  return [...repair, ...[...anew].map((ledgerNumber): Op => ({ type: 'del', key: lookedKey(ledgerNumber) }))]
}
