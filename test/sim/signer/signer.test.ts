/**
 * A failing trial names its seed: SIM_SEED=<seed> plays that one alone. All 1,000: scripts/soak/signer.ts --simulate
 * 1000.
 */
import { expect, test } from 'vitest'
import { TRIALS } from './trials.js'

const SEEDS = 24

test.each(Object.entries(TRIALS))('%s', async (_, trial) => {
  const first = Number(process.env.SIM_SEED ?? 1)
  const count = process.env.SIM_SEED === undefined ? SEEDS : 1
  let refused = 0
  for (let seed = first; seed < first + count; seed++) {
    try {
      refused += (await trial(seed)).refused
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  // What was held back was asked for: a trial in which nobody tried proves nothing.
  expect(refused).toBeGreaterThan(0)
})
