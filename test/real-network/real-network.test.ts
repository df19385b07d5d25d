/**
 * Real daemons on hosts of their own, in network namespaces. `node dist/scripts/soak/real-network.js` runs all
 * scenarios, also the long ones.
 */
import { expect, test, vi } from 'vitest'
import { lanProblem } from './lan.js'
import { badLine, movedAuthor, partition, sleep, type Figures } from './scenarios.js'

const problem = await lanProblem()
if (problem !== null) console.log(`SKIPPED: real networks, for no network namespaces can be made here (${problem})`)

// They wait most of the time.
vi.setConfig({ testTimeout: 180_000, maxConcurrency: 8 })

const scenarios: Record<string, () => Promise<Figures>> = {
  'a partition heals: both sides converge': () => partition(),
  'an author that is alone and moves is found again': () => movedAuthor(),
  'a node sleeps an hour': () => sleep(),
  'a pull over a slow line that stalls and is cut': () => badLine({ entries: 4000, cuts: 2 })
}

test.skipIf(problem !== null).concurrent.each(Object.entries(scenarios))('%s', async (name, scenario) => {
  const figures = await scenario()
  console.log(`${name}: ${JSON.stringify(figures)}`)
  expect(Object.values(figures).every(Number.isFinite)).toBe(true)
})
