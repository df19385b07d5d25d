import { chunks } from '../../store/chunks.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { hashKey, ledgerRange, seqOf, textKey, POSTING_FAMILIES } from '../../store/keys.js'
import { dropExceptionsOfLedger } from '../../store/drop-exceptions.js'
import type { Op, Store } from '../../store/store.js'
import { dropClaims, lookAtOnce, type Touch } from '../claims/drop-claims.js'
import { readEntryBytes } from '../read/records.js'

/** Families whose keys begin with the number of a ledger, in the order in which they are deleted. */
export const LEDGER_FAMILIES = [
  'payload',
  'erased',
  'missing',
  'keyEntry',
  'tile',
  'storedAt',
  'voided',
  'quarantine',
  'flow',
  'awaited',
  'id',
  ...POSTING_FAMILIES,
  'refState',
  'indexRoot',
  'indexNode',
  'indexList',
  'follow',
  'checkpoint',
  'evidence',
  'standing',
  'accepted',
  'cutting',
  'entry',
  'state'
] as const

/** Index keys deleted in one batch. */
const CHUNK = 1024

/**
 * Deletes everything that a store has of ledger number `n`. Its row is marked `removing` and is deleted last: an
 * interrupted run is repeated at open.
 */
export async function eraseLedger(
  store: Store,
  id: LedgerId,
  ledgerNumber: number,
  touch: Touch = lookAtOnce
): Promise<void> {
  for await (const chunk of chunks(store, ledgerRange('entry', ledgerNumber), CHUNK)) {
    const ops: Op[] = []
    for (const [key, value] of chunk) {
      const hash = hashOf(value, seqOf(key))
      if (hash !== null) ops.push({ type: 'del', key: hashKey(hash, ledgerNumber, seqOf(key)) })
    }
    await store.write(ops, { sync: false })
  }
  await dropClaims(store, ledgerNumber, 0, touch)
  await dropExceptionsOfLedger(store, ledgerNumber)
  for (const family of LEDGER_FAMILIES) {
    await store.clear(ledgerRange(family, ledgerNumber))
  }
  await store.write([{ type: 'del', key: textKey('ledger', id) }], { sync: true })
  await store.compact(ledgerRange('payload', ledgerNumber))
}

/** A damaged entry's index key stays behind; every lookup compares with the entry. */
function hashOf(value: Buffer, seq: number): string | null {
  try {
    return readEntryBytes(value, seq).hash
  } catch {
    return null // damaged
  }
}
