/**
 * Kills the real daemon at random times: `node dist/scripts/soak/kill-points.js --seeds 200 [--from 1]` (or SEEDS=200).
 * A seed is one kill; ten share a home. Ends with 1 at the first thing that is lost or wrong.
 */
import { parseArgs } from 'node:util'
import { killHistory, type KillFigures } from '../../test/e2e/kill-run.js'

const KILLS_PER_HOME = 10

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '200' }, from: { type: 'string', default: '1' } }
})
const wanted = Number(values.seeds)
const total: KillFigures = { kills: 0, atStart: 0, atRotation: 0, acknowledged: 0, erased: 0, pulled: 0 }
for (let seed = Number(values.from); total.kills < wanted; seed++) {
  const figures = await killHistory(seed, Math.min(KILLS_PER_HOME, wanted - total.kills))
  for (const name of Object.keys(total) as (keyof KillFigures)[]) total[name] += figures[name]
  console.log(`seed ${seed}: ${JSON.stringify(figures)}`)
}
console.log(
  `kills survived: ${total.kills} (at the start ${total.atStart}, during a rotation ${total.atRotation}), entries acknowledged: ${total.acknowledged}, entries lost: 0, erased payloads that came back: 0, entries pulled: ${total.pulled}`
)
