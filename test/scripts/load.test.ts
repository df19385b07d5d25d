/**
 * The soak, shortly: everything is asked once and more, peers are killed and come back, and nothing stays open. How the
 * heap grows is the long run's to say.
 */
import { expect, test } from 'vitest'
import { soak } from '../../scripts/soak/load/soak.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

/** At least: it goes on until all kinds of calls were made twice, and a peer was killed. */
const MINUTES = 0.1
const KILL_MS = 2_000
const KILLS = 1
/** Kinds of calls. */
const KINDS = 15

test('a mixed load on the real daemon leaves nothing open', async () => {
  const { first, last, requests, kills } = await soak({
    folder: await temporaryFolder(),
    minutes: MINUTES,
    leastRequests: 2 * KINDS + 1,
    leastKills: KILLS,
    killMs: KILL_MS,
    say: () => {}
  })
  expect(requests).toBeGreaterThan(2 * KINDS)
  expect(kills).toBeGreaterThanOrEqual(KILLS)
  const open = ({ handles }: typeof first): number =>
    Object.entries(handles).reduce(
      (sum, [name, count]) => sum + (name === 'Timeout' || name === 'Immediate' ? 0 : count),
      0
    )
  expect(open(last)).toBeLessThan(open(first) + 6)
}, 180_000)
