/** How long rows of the feed are kept. Consumers keep their positions themselves, and the node waits for none of them. */
import { chunks } from '../../store/chunks.js'
import { decodeFeedRow, feedRange } from '../../store/feed-rows.js'
import type { Store } from '../../store/store.js'

export const RETENTION_MS = 7 * 24 * 60 * 60 * 1000
/** Events, of which a row has one or more. */
export const RETAINED_EVENTS = 10_000_000
const CHUNK = 1024

/** The number from which on rows are kept. The row of `last` always is: a quiet node's consumers stay where they are. */
export async function prunedTo(
  store: Pick<Store, 'rows'>,
  { floor, last, now }: { floor: number; last: number; now: number }
): Promise<number> {
  let kept = floor
  for await (const rows of chunks(store, feedRange(floor, last + 1), CHUNK)) {
    for (const [key, value] of rows) {
      const { first, count, time } = decodeFeedRow(key, value)
      const end = first + count
      if (end > last || (time >= now - RETENTION_MS && end > last - RETAINED_EVENTS)) return first
      kept = end
    }
  }
  return kept
}
