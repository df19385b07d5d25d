/**
 * Whole networks in virtual time. A failing run names its scenario and seed; SIM_SEED=<seed> replays that seed alone,
 * SIM_SEEDS=<n> plays so many per scenario.
 */
import { expect, test } from 'vitest'
import { play, type Scenario } from './scenario.js'

const MILD = { latency: [5, 60] as [number, number], loss: 0 }
const ROUGH = { latency: [20, 400] as [number, number], loss: 0.08 }
const LEDGERS = [
  { entries: 1300, published: 1250 },
  { entries: 60, published: 1, rotates: true }
]

const SCENARIOS: Scenario[] = [
  { name: 'fair weather', nodes: 8, ledgers: LEDGERS, weather: MILD },
  { name: 'loss and delay', nodes: 8, ledgers: LEDGERS, weather: ROUGH },
  { name: 'a partition', nodes: 8, ledgers: LEDGERS, weather: MILD, partition: [15, 80] },
  { name: 'restarts', nodes: 8, ledgers: LEDGERS, weather: MILD, restarts: 5 },
  { name: 'authors that leave', nodes: 8, ledgers: LEDGERS, weather: MILD, authorsLeave: 75 },
  { name: 'a liar', nodes: 7, ledgers: LEDGERS, weather: MILD, liars: { count: 1 } },
  {
    name: 'a forger, and followers that believe every signed head',
    nodes: 7,
    ledgers: LEDGERS,
    weather: MILD,
    liars: { count: 1, lies: ['forged'] },
    credulous: true
  },
  {
    name: 'peers that never answer, are busy, or have nothing',
    nodes: 7,
    ledgers: LEDGERS,
    weather: MILD,
    liars: { count: 2, lies: ['silent', 'busy', 'unavailable', 'short'] }
  },
  {
    name: 'a forking author',
    nodes: 8,
    ledgers: [{ entries: 400, published: 300, forkAt: 350 }, LEDGERS[1]!],
    weather: MILD
  },
  { name: 'a fork long ago', nodes: 8, ledgers: [{ entries: 1300, published: 1200, forkAt: 7 }], weather: ROUGH },
  {
    name: 'everything at once',
    nodes: 8,
    ledgers: [...LEDGERS, { entries: 300, published: 200, forkAt: 250 }],
    weather: ROUGH,
    liars: { count: 2 },
    partition: [20, 60],
    restarts: 3
  }
]

const only = process.env.SIM_SEED
const count = Number(process.env.SIM_SEEDS ?? 2)
const base = 1000

for (const [n, scenario] of SCENARIOS.entries()) {
  const seeds = only === undefined ? Array.from({ length: count }, (_, turn) => base + n * 100 + turn) : [Number(only)]
  test.for(seeds)(`${scenario.name}, seed %i`, { timeout: 60_000 }, async (seed) => {
    const outcome = await play(scenario, seed)
    expect(outcome.messages).toBeGreaterThan(0)
    if (process.env.SIM_VERBOSE !== undefined)
      process.stdout.write(`${scenario.name} ${seed} ${JSON.stringify(outcome)}\n`)
  })
}

test('one seed is one history', { timeout: 60_000 }, async () => {
  const scenario = SCENARIOS.at(-1)!
  const [first, second, other] = [await play(scenario, 7), await play(scenario, 7), await play(scenario, 8)]
  expect(second).toEqual(first)
  expect(other.digest).not.toBe(first.digest)
})
