/**
 * Rings, chains and meshes of adopters in virtual time, killed at each look at the disk, with lost folders, branches that
 * give way and hostile authors: `node dist/scripts/soak/adopt-seeds.js --seeds 1000 [--from 1]`. Ends with 1 at the first
 * original with two copies or none, and at the first copy that has what was erased.
 */
import { parseArgs } from 'node:util'
import { play, type AdoptPlay } from '../../test/sim/adopt/play.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '1000' }, from: { type: 'string', default: '1' } }
})
const PLAYS: AdoptPlay[] = [
  { nodes: 5, shape: 'ring', length: 500, deadly: 0.02, filtered: true },
  { nodes: 4, shape: 'chain', length: 500, deadly: 0.02, hostile: true, losses: true, filtered: true },
  { nodes: 6, shape: 'mesh', length: 500, deadly: 0.01, hostile: true }
]
let kills = 0
let copies = 0
const last = Number(values.from) + Number(values.seeds) - 1
for (let seed = Number(values.from); seed <= last; seed++) {
  for (const given of PLAYS) {
    const played = await play(seed, given)
    if (played.problems.length > 0) throw new Error(`seed ${seed}, ${given.shape}: ${played.problems.join('; ')}`)
    kills += played.kills
    copies += played.nodes.reduce(
      (sum, { ledger }) => sum + ledger.entries.filter(({ header }) => header.meta.sync !== undefined).length,
      0
    )
  }
}
console.log(`seeds ${values.from} to ${last}: ${kills} kills survived, ${copies} copies, lost, doubled or wrong: 0`)
