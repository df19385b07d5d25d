/**
 * Removes the claims of entries that were removed. The entries may be gone already, so the claims are found by their
 * rows alone.
 */
import { chunks } from '../../store/chunks.js'
import { conflictBefore, ledgerBeforeSeq, touchedKey, touchedRange } from '../../store/conflict-keys.js'
import { familyRange, SEQ_END, seqOf } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Store } from '../../store/store.js'

/** Rows that mark a conflict to be examined. */
export type Touch = (rule: number, id: string) => Op
/** To be used while nothing is being examined: otherwise two marks at once could be mistaken for one. */
export const lookAtOnce: Touch = (rule, id) => ({ type: 'put', key: touchedKey(0, 0, rule, id), value: EMPTY })

/** Rows read in one batch. */
const CHUNK = 4096

/**
 * Removes the claims of ledger number `n` from `size` on, and marks the affected keys to be examined. May be
 * interrupted and run again.
 */
export async function dropClaims(store: Store, ledgerNumber: number, size: number, touch: Touch): Promise<void> {
  await store.clear(touchedRange(ledgerNumber, size, SEQ_END))
  for (const family of ['claim', 'resolution', 'seen'] as const) {
    for await (const chunk of chunks(store, familyRange(family), CHUNK)) {
      const ops = chunk.flatMap(([key]): Op[] => {
        if (ledgerBeforeSeq(key) !== ledgerNumber || seqOf(key) < size) return []
        const { rule, id } = conflictBefore(key)
        return [{ type: 'del', key }, touch(rule, id)]
      })
      if (ops.length > 0) await store.write(ops, { sync: true })
    }
  }
}
