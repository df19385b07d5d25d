import { expect, test } from 'vitest'
import { FEED_KINDS } from '../../../src/store/feed-rows.js'
import { playFeed } from './play.js'

/** `FEED_SEEDS=200` plays as many; so does scripts/soak/feed.ts. */
const SEEDS = Number(process.env.FEED_SEEDS ?? 8)

test('whoever is killed, the consumer has what there is: by seed', { timeout: 900_000 }, async () => {
  const kinds = new Set<string>()
  let kills = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const played = await playFeed(seed)
    kills += played.kills
    for (const kind of played.kinds) kinds.add(kind)
  }
  expect(kills).toBeGreaterThan(SEEDS)
  // of private ledgers only
  expect(FEED_KINDS.filter((kind) => !kinds.has(kind))).toEqual(['right-ended'])
})
