import { expect, test, vi } from 'vitest'
import { restoreTrial, type TrialResult } from './restore-trial.js'

/** A trial opens a store some ten times. */
vi.setConfig({ testTimeout: 60_000 })

const TRIALS = 100
/** Trials at a time: most of one is waiting for the disk. */
const LANES = 5

test('a restored node never signs a second entry for a seq that a mirror holds (I2)', async () => {
  const first = Number(process.env.SEED ?? 1)
  console.log(`restore trials, seeds ${first} to ${first + TRIALS - 1}`)
  const results: TrialResult[] = []
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      for (let seed = first + lane; seed < first + TRIALS; seed += LANES) results.push(await restoreTrial(seed))
    })
  )
  expect(new Set(results.map(({ disaster }) => disaster)).size).toBe(4)
  expect(results.filter(({ ready }) => ready).length).toBeGreaterThan(TRIALS / 4)
  expect(results.filter(({ refused }) => refused > 0).length).toBeGreaterThan(TRIALS / 4)
  expect(results.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(TRIALS)
})
