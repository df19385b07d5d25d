/**
 * Checks the rows of the feed (I8). They cannot be made again, because nothing else says in which order entries came:
 * wrong ones go, and consumers begin with a snapshot.
 */
import { chunks } from '../../store/chunks.js'
import { decodeFeedRow } from '../../store/feed-rows.js'
import { FEED_EPOCH_KEY, familyRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { decodeCutting } from '../feed/cutting.js'
import { decodeEpoch } from '../feed/feed-epoch.js'
import { unlessDamaged } from '../read/unless-damaged.js'
import type { DamageList } from './damage.js'

/** Rows read together. */
const CHUNK = 1024

/** Keys of cuts under way that cannot be read. A repair removes all rows of the feed when one is wrong. */
export async function checkFeedRows(store: Store, damage: DamageList): Promise<Buffer[]> {
  const unreadable: Buffer[] = []
  const epoch = await store.get(FEED_EPOCH_KEY)
  if (epoch !== undefined && decodeEpoch(epoch) === null)
    damage.add('wrong-feed', null, null, 'the epoch of the feed cannot be read')
  let next: number | null = null
  for await (const chunk of chunks(store, familyRange('feed'), CHUNK))
    for (const [key, value] of chunk) {
      const row = unlessDamaged(() => decodeFeedRow(key, value))
      // After an unclean stop numbers may be missing: the next start sees that, and begins a new epoch.
      const fits = row !== null && (next === null || row.first === next || (!store.wasClean && row.first > next))
      if (!fits) damage.add('wrong-feed', null, null, 'a row of the feed cannot be read, or a number is missing')
      next = row === null ? null : row.first + row.count
    }
  for await (const chunk of chunks(store, familyRange('cutting'), CHUNK))
    for (const [key, value] of chunk) {
      if (unlessDamaged(() => decodeCutting(value)) !== null) continue
      damage.add('wrong-feed', null, null, 'a cut that was under way cannot be read')
      unreadable.push(key)
    }
  return unreadable
}
