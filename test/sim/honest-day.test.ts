import { expect, test } from 'vitest'
import { StormRun, type Storm } from './storm.js'

const DAY_S = 24 * 3600
const HOUR_MS = 3_600_000
/** Real: the day is virtual, the same on every machine; a busy one only takes longer to play it. */
const PATIENCE_MS = 300_000

/** Honest authors, and everything else that can happen in a day: 20 restores from old copies among it. */
const storm: Storm = {
  seed: 24,
  nodes: 16,
  liars: 3,
  authors: [
    { published: 60, live: 60, share: 1, rotateAt: 80 },
    { published: 10, live: 40, share: 0.7 },
    { published: 1, live: 20, share: 0.5 }
  ],
  weather: { latency: [10, 300], loss: 0.05 },
  busy: 0.1,
  faults: {
    churn: 20,
    awayS: 1200,
    late: 0.1,
    partitions: 12,
    partitionS: 1800,
    cuts: 0.005,
    clocks: { offset: HOUR_MS, drift: 200, steps: 0.5 },
    restores: 20
  },
  seconds: DAY_S,
  lookS: 30
}

test('a day of faults by honest authors gives no evidence at all', { timeout: PATIENCE_MS }, async () => {
  const run = new StormRun(storm)
  const outcome = await run.play()
  expect(outcome.evidence).toBe(0)
  for (const node of run.honest)
    for (const { shown: evidence, frozenAt } of node.stores.values()) expect([evidence, frozenAt]).toEqual([null, null])
  // All of that did happen.
  expect(outcome.restores).toBeGreaterThan(5)
  expect(outcome.refused).toBeGreaterThan(0)
  expect(outcome.crashes).toBeGreaterThan(200)
  expect(outcome.drops).toBeGreaterThan(0)
})
