/**
 * Two hundred nodes, and all that can go wrong with them. What must hold at every moment is checked by watch.ts, what must hold in
 * the end by storm.ts. SIM_SEED=<seed> replays one seed; more seeds: node dist/scripts/soak/simulate.js --seeds 1000.
 */
import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { StormRun } from './storm.js'

const only = process.env.SIM_SEED
const SEEDS = only === undefined ? Array.from({ length: 100 }, (_, n) => n + 1) : [Number(only)]

test.for(SEEDS)('a storm over 200 nodes, seed %i', { timeout: 60_000 }, async (seed) => {
  const outcome = await StormRun.play(rollStorm(seed))
  expect(outcome.entries).toBeGreaterThan(0)
})

test('one seed is one storm', { timeout: 60_000 }, async () => {
  const [first, second, other] = [await StormRun.play(rollStorm(7)), await StormRun.play(rollStorm(7)), await StormRun.play(rollStorm(8))]
  expect(second).toEqual(first)
  expect(other.digest).not.toBe(first.digest)
})
