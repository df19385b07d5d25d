import type { LedgerId } from '../core/ledger-id.js'
import { hashKey, ledgerRange, seqOf, textKey, POSTING_FAMILIES } from '../store/keys.js'
import type { Op, Store } from '../store/store.js'
import { readEntryBytes } from './records.js'

/** Index keys deleted in one batch. */
const CHUNK = 1024

/** Deletes all that a store has of ledger number `n`. Its row says `removing` and goes last: an interrupted run is done again at open. */
export async function eraseLedger (store: Store, id: LedgerId, n: number): Promise<void> {
  const rows = store.rows(ledgerRange('entry', n))
  try {
    for (let chunk = await rows.next(CHUNK); chunk.length > 0; chunk = await rows.next(CHUNK)) {
      const ops: Op[] = []
      for (const [key, value] of chunk) {
        const hash = hashOf(value, seqOf(key))
        if (hash !== null) ops.push({ type: 'del', key: hashKey(hash, n, seqOf(key)) })
      }
      await store.write(ops, { sync: false })
    }
  } finally {
    await rows.close()
  }
  for (const family of ['payload', 'erased', 'missing', 'keyEntry', 'tile', 'voided', 'id', ...POSTING_FAMILIES, 'follow', 'checkpoint', 'evidence', 'entry', 'state'] as const) {
    await store.clear(ledgerRange(family, n))
  }
  await store.write([{ type: 'del', key: textKey('ledger', id) }], { sync: true })
  await store.compact(ledgerRange('payload', n))
}

/** A damaged entry's index key stays behind; every lookup compares with the entry. */
function hashOf (value: Buffer, seq: number): string | null {
  try {
    return readEntryBytes(value, seq).hash
  } catch {
    return null // damaged
  }
}
