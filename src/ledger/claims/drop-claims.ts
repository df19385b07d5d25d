/** Takes out what entries put in that are there no more. They may be gone already, so it is found by the rows alone. */
import { chunks } from '../../store/chunks.js'
import { conflictBefore, ledgerBeforeSeq, touchedKey, touchedRange } from '../../store/conflict-keys.js'
import { familyRange, SEQ_END, seqOf } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Store } from '../../store/store.js'

/** What has a conflict looked at. */
export type Touch = (rule: number, id: string) => Op
/** While nobody looks: when somebody does, two touches at once could be taken for one. */
export const lookAtOnce: Touch = (rule, id) => ({ type: 'put', key: touchedKey(0, 0, rule, id), value: EMPTY })

/** Rows looked at in one batch. */
const CHUNK = 4096

/** Of ledger number `n`, from `size` on. What changes thereby is to be looked at. May be interrupted and run again. */
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
