import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { StormRun } from './storm.js'

const NODES = 200

/** One test per seed. SIM_SEED=<seed> replays one. */
export function testStorms (from: number, count: number): void {
  const only = process.env.SIM_SEED
  const seeds = only === undefined ? Array.from({ length: count }, (_, n) => from + n) : [Number(only)]
  test.for(seeds)(`a storm over ${NODES} nodes, seed %i`, { timeout: 120_000 }, async (seed) => {
    const outcome = await StormRun.play(rollStorm(seed, NODES))
    expect(outcome.entries).toBeGreaterThan(0)
  })
}
