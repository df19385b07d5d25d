import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { StormRun } from './storm.js'

/**
 * Nodes of every twelfth storm, and of the others: a storm of 60 nodes takes an eighth of the time, and has all the
 * faults.
 */
const MANY = 200
const FEWER = 60
const EVERY = 12

/** One test per seed. SIM_SEED=<seed> replays one, over as many nodes; SIM_NODES=200: over so many. */
export function testStorms(from: number, count: number): void {
  const only = process.env.SIM_SEED
  const seeds = only === undefined ? Array.from({ length: count }, (_, n) => from + n) : [Number(only)]
  test.for(
    seeds.map((seed) => ({ seed, nodes: Number(process.env.SIM_NODES ?? (seed % EVERY === 0 ? MANY : FEWER)) }))
  )('a storm over $nodes nodes, seed $seed', { timeout: 120_000 }, async ({ seed, nodes }) => {
    const outcome = await StormRun.play(rollStorm(seed, nodes))
    expect(outcome.entries).toBeGreaterThan(0)
  })
}
