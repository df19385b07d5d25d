/**
 * Kills a daemon that adopts, or the one that it adopts from, at random times: `node dist/scripts/soak/adopt-kills.js
 * --seeds 200 [--from 1]`. A seed is six kills. Ends with 1 at the first copy that is lost, doubled or wrong, or that has
 * what was erased.
 */
import { parseArgs } from 'node:util'
import { adoptHistory, type AdoptFigures } from '../../test/e2e/adopt-run.js'

const KILLS = 6

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '200' }, from: { type: 'string', default: '1' } }
})
const total: AdoptFigures = { killsOfSource: 0, killsOfAdopter: 0, copies: 0, erased: 0 }
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  const figures = await adoptHistory(seed, KILLS)
  for (const name of Object.keys(total) as (keyof AdoptFigures)[]) total[name] += figures[name]
  console.log(`seed ${seed}: ${JSON.stringify(figures)}`)
}
console.log(
  `kills survived: ${total.killsOfSource} of the source, ${total.killsOfAdopter} of the adopter; copies: ${total.copies}, of which erased ${total.erased}; lost, doubled or wrong: 0`
)
