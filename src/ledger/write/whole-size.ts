import { seqOf, seqRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'

/**
 * How many entries below the durable size are checked after an unclean stop. LevelDB begins another log when 16 MiB are
 * written and does not sync the last part of the one before, so when the power fails an older batch may be gone and a
 * newer, synced one there. That much, together with what this program leaves unsynced, is fewer entries than this
 * number.
 */
const LOOK_BACK = 65_536
/** Keys read in one step. */
const KEY_CHUNK = 4096

/**
 * How many entries of ledger number `n`, at most `size`, are stored without a gap after an unclean stop. `durable`: the
 * number that was synced.
 */
export async function wholeSize(store: Store, ledgerNumber: number, durable: number, size: number): Promise<number> {
  const contiguous = async (from: number): Promise<number> => {
    for (let end = from; ;) {
      const keys = await store.keys({ ...seqRange('entry', ledgerNumber, end, size), limit: KEY_CHUNK })
      for (const key of keys) if (seqOf(key) === end) end++
      if (keys.length === 0 || seqOf(keys.at(-1)!) !== end - 1) return end
    }
  }
  const certain = Math.max(durable - 1 - LOOK_BACK, 0)
  // a cut that was interrupted can reach below what was durable
  return await contiguous((await contiguous(certain)) > certain ? certain : 0)
}
