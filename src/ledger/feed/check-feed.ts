/**
 * After an unclean stop: do the newest rows of the feed say what the ledgers are? Rows and entries are written in one
 * batch, so where a number is missing, or a ledger ends elsewhere than its rows say, batches were lost between others
 * that were not.
 */
import { chunks } from '../../store/chunks.js'
import { decodeFeedRow, feedRange, type FeedRow } from '../../store/feed-rows.js'
import type { Store } from '../../store/store.js'
import { unlessDamaged } from '../read/unless-damaged.js'

/**
 * Rows that are looked at. Each was written with at least 256 bytes of entries or state: that is more than the 16 MiB
 * that may not be synced yet (whole-size.ts).
 */
const LOOK_BACK = 65_536
const CHUNK = 1024

/** `visible`: of the ledger with this number; null: it is not held. */
export async function isFeedWhole(
  store: Pick<Store, 'rows'>,
  { floor, next, visible }: { floor: number; next: number; visible: (ledgerNumber: number) => number | null }
): Promise<boolean> {
  const sizes = new NewestSizes()
  let [end, looked] = [next, 0]
  const range = { ...feedRange(floor, next), reverse: true, limit: LOOK_BACK }
  for await (const rows of chunks(store, range, CHUNK)) {
    for (const one of rows) {
      const row = unlessDamaged(() => decodeFeedRow(...one))
      if (row === null || row.first + row.count !== end) return false
      end = row.first
      sizes.before(row)
    }
    looked += rows.length
  }
  if (end > floor && looked < LOOK_BACK) return false
  return sizes.all().every(([ledgerNumber, size]) => (visible(ledgerNumber) ?? size) === size)
}

/** Where each ledger ends after its newest rows, which are given from the last to the first. */
class NewestSizes {
  readonly #caps = new Map<number, number>()
  readonly #found = new Map<number, number>()

  before({ kind, ledgerNumber, at, count }: FeedRow): void {
    if (this.#found.has(ledgerNumber)) return
    const cap = this.#caps.get(ledgerNumber) ?? Infinity
    if (kind === 'frozen' || kind === 'cut' || kind === 'voided') this.#caps.set(ledgerNumber, Math.min(cap, at))
    else if (kind === 'entry') this.#found.set(ledgerNumber, Math.min(cap, at + count))
  }

  all(): [number, number][] {
    return [...this.#found]
  }
}
