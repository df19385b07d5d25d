import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { StormRun } from './storm.js'

/** Nodes for the odd seeds and the even ones: half of them smaller, so that all take a minute of one core. The script plays all at 200. */
const NODES = [60, 200] as const

/** One test per seed. SIM_SEED=<seed> replays one. */
export function testStorms (from: number, count: number): void {
  const only = process.env.SIM_SEED
  const seeds = only === undefined ? Array.from({ length: count }, (_, n) => from + n) : [Number(only)]
  test.for(seeds.map((seed) => [NODES[seed % 2 === 0 ? 0 : 1], seed] as const))('a storm over %i nodes, seed %i', { timeout: 120_000 }, async ([nodes, seed]) => {
    const outcome = await StormRun.play(rollStorm(seed, nodes))
    expect(outcome.entries).toBeGreaterThan(0)
  })
}
