import { expect, test, vi } from 'vitest'
import { restoreTrial, type TrialResult } from './restore-trial.js'

/** A trial opens a store some ten times. */
vi.setConfig({ testTimeout: 60_000 })

const TRIALS = 120

test('a restored node never signs a second entry for a seq that a mirror holds (I2)', async () => {
  const first = Number(process.env.SEED ?? 1)
  console.log(`restore trials, seeds ${first} to ${first + TRIALS - 1}`)
  const results: TrialResult[] = []
  for (let seed = first; seed < first + TRIALS; seed++) results.push(await restoreTrial(seed))
  expect(new Set(results.map(({ disaster }) => disaster)).size).toBe(4)
  expect(results.filter(({ ready }) => ready).length).toBeGreaterThan(TRIALS / 4)
  expect(results.filter(({ refused }) => refused > 0).length).toBeGreaterThan(TRIALS / 4)
  expect(results.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(TRIALS)
})
