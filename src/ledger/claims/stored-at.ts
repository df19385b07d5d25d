/** When entries were first stored here: one row for each batch. */
import { seqKey, seqRange } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'

const BYTES = 6

/** For a batch whose first entry is `seq`. `now`: ms since the epoch. */
export function storedAtOp(ledgerNumber: number, seq: number, now: number): Op {
  const value = Buffer.alloc(BYTES)
  value.writeUIntBE(Math.max(0, Math.floor(now)), 0, BYTES)
  return { type: 'put', key: seqKey('storedAt', ledgerNumber, seq), value }
}

/** ms since the epoch; null: no row has the time. */
export async function storedAt(store: Store, ledgerNumber: number, seq: number): Promise<number | null> {
  const [row] = await store.all({ ...seqRange('storedAt', ledgerNumber, 0, seq + 1), reverse: true, limit: 1 })
  return row === undefined ? null : readStoredAt(row[1])
}

/** null: the row is not a time. */
export function readStoredAt(value: Buffer): number | null {
  return value.length === BYTES ? value.readUIntBE(0, BYTES) : null
}

/** Entries stored by an older program have no known time: all of them get the time of the migration. */
export async function fillStoredAt(store: Store, ledgerNumber: number, now: number): Promise<void> {
  const [key] = await store.keys({ ...seqRange('storedAt', ledgerNumber, 0, 1), limit: 1 })
  if (key === undefined) await store.write([storedAtOp(ledgerNumber, 0, now)], { sync: false })
}
