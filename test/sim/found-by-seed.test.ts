/** What the simulator found in the product, each with the seed that failed before. */
import { expect, test } from 'vitest'
import { rollStorm } from './storm-faults.js'
import { StormRun, type Storm } from './storm.js'

/** Ten followers among 120 nodes: after partitions and restarts some of them know only each other. */
function fewAmongMany(seed: number): Storm {
  return {
    seed,
    nodes: 120,
    liars: 0,
    authors: [{ published: 20, live: 12, share: 0.08 }],
    weather: { latency: [5, 80], loss: 0 },
    busy: 0,
    faults: {
      churn: 0.5,
      awayS: 10,
      late: 0.1,
      partitions: 2,
      partitionS: 30,
      cuts: 2,
      clocks: { offset: 0, drift: 0, steps: 0 },
      restores: 0
    },
    seconds: 60
  }
}

const ISLANDS = 'followers that only knew each other were synced for ever with what they had'
const SET_BACK = 'a clock that was set back: a stall since a time to come, and deadlines an hour off'

test.each<[string, number, Storm]>([
  [ISLANDS, 1, fewAmongMany(1)],
  [ISLANDS, 7, fewAmongMany(7)],
  [ISLANDS, 19, fewAmongMany(19)],
  ['a timer that ended before its time by the clock was never set again', 4, rollStorm(4, 60)],
  [SET_BACK, 1, rollStorm(1, 60)],
  [SET_BACK, 19, rollStorm(19, 60)],
  ['frozen above the fork for good, because the peer that showed it fell silent', 2, rollStorm(2, 60)]
])('%s (seed %i)', { timeout: 60_000 }, async (_found, _seed, storm) => {
  expect((await StormRun.play(storm)).entries).toBeGreaterThan(0)
})
