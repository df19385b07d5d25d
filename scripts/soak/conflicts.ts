/**
 * Siblings against brute force by seed: `node dist/scripts/soak/conflicts.js --seeds 50000 [--seed 1]`. Goes on after a
 * failure; ends with 1 if there was one.
 */
import { parseArgs } from 'node:util'
import { compareHistory } from '../../test/conflict/compare.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '50000' }, seed: { type: 'string', default: '1' } }
})
const from = Number(values.seed)
const to = from + Number(values.seeds)
const failed: number[] = []
let sets = 0
const started = performance.now()
for (let seed = from; seed < to; seed++) {
  try {
    sets += compareHistory(seed)
  } catch (error) {
    failed.push(seed)
    console.log(`seed ${seed}: FAILED: ${(error as Error).message}`)
  }
}
console.log(
  `conflicts: ${sets} sets of siblings in ${to - from} random histories, each in three orders of arrival with rewinds, equal brute force; ` +
    `${Math.round((performance.now() - started) / 1000)} s, failed: ${failed.length}${failed.length === 0 ? '' : ` (${failed.join(', ')})`}`
)
if (failed.length > 0) process.exitCode = 1
