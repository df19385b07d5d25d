import { expect, test } from 'vitest'
import { crashTrial } from './crash-trial.js'

// `scripts/soak/push-kills.ts` plays any number of them.
test('killed at its writes, the one or the other: no receipt says more than is there, nothing is lost or doubled (S6)', async () => {
  const { killsOfReceiver, killsOfPusher, entries } = await crashTrial(7, 3)
  expect(killsOfReceiver + killsOfPusher).toBe(3)
  expect(entries).toBeGreaterThan(3)
}, 180_000)
