/**
 * Up to two hundred nodes, and all that can go wrong with them. What must hold at every moment is checked by watch.ts,
 * what must hold in the end by storm.ts. Here and in storm-more.test.ts (so that two cores share them): 48 seeds, every
 * twelfth over 200 nodes. All of them over 200, and more: node dist/scripts/soak/simulate.js --seeds 1000.
 */
import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { testStorms } from './storm-seeds.js'
import { StormRun } from './storm.js'

testStorms(1, 24)

test('one seed is one storm', { timeout: 120_000 }, async () => {
  const play = async (seed: number): ReturnType<typeof StormRun.play> => await StormRun.play(rollStorm(seed, 40))
  const [first, second, other] = [await play(7), await play(7), await play(8)]
  expect(second).toEqual(first)
  expect(other.digest).not.toBe(first.digest)
})
