/**
 * Real daemons on hosts in network namespaces: `node dist/scripts/soak/real-network.js [--rounds 3] [--only
 * partition]`. Prints what took how long to heal, in ms. Ends with 1 at the first thing that does not, or when no
 * namespaces can be made here.
 */
import { parseArgs } from 'node:util'
import { lanProblem } from '../../test/real-network/lan.js'
import * as scenarios from '../../test/real-network/scenarios.js'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

const all: Record<string, (round: number) => Promise<scenarios.Figures>> = {
  partition: (round) => scenarios.partition({ moreMs: round * MINUTE_MS }),
  glitch: (round) => scenarios.glitch({ downMs: 1000 * 2 ** round }),
  addressChange: () => scenarios.addressChange(),
  movedAuthor: () => scenarios.movedAuthor(),
  // The records of the others expire meanwhile.
  sleep: (round) => scenarios.sleep({ sleepMs: (round + 1) * DAY_MS }),
  clockSetBack: () => scenarios.clockSetBack(),
  badLine: (round) => scenarios.badLine({ entries: 20_000, cuts: 5 * (round + 1), stallMs: 20_000 * (round + 1) }),
  lateBootstrap: () => scenarios.lateBootstrap(),
  killedFollower: (round) => scenarios.killedFollower({ entries: 10_000, kills: 3 * (round + 1) })
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' }, only: { type: 'string' } } })
const problem = await lanProblem()
if (problem !== null) throw new Error(`no network namespaces can be made here: ${problem}`)
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, scenario] of Object.entries(all)) {
    if (values.only === undefined || values.only === name)
      console.log(`${name}, round ${round}: ${JSON.stringify(await scenario(round))}`)
  }
}
