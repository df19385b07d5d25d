/** The row that names the epoch of the feed. A new epoch makes every older position invalid. */
import { isInteger } from '../../core/grammar.js'
import type { Op } from '../../store/store.js'
import { FEED_EPOCH_KEY } from '../../store/keys.js'
import { parseObject } from '../read/records.js'
import { unlessDamaged } from '../read/unless-damaged.js'

export interface FeedEpoch {
  /** 16 hex digits. */
  epoch: string
  /** The number of its first event. */
  first: number
  /** Of the store when it began: a backup's copy has another one, and begins anew. */
  incarnation: string
}

const EPOCH = /^[0-9a-f]{16}$/

/** null: unreadable. */
export function decodeEpoch(value: Buffer): FeedEpoch | null {
  const row = unlessDamaged(() => parseObject(value, 'epoch of the feed'))
  if (row === null) return null
  const { epoch, first, incarnation } = row
  return typeof epoch === 'string' &&
    EPOCH.test(epoch) &&
    isInteger(first, Number.MAX_SAFE_INTEGER) &&
    typeof incarnation === 'string'
    ? { epoch, first, incarnation }
    : null
}

export function epochOp(epoch: FeedEpoch): Op {
  return { type: 'put', key: FEED_EPOCH_KEY, value: Buffer.from(JSON.stringify(epoch)) }
}
