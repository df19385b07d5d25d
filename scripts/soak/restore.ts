/**
 * Restore trials by seed: `node dist/scripts/soak/restore.js --seeds 1000 [--from 1]` (or SEEDS=1000). Ends with 1 at
 * the first fork.
 */
import { parseArgs } from 'node:util'
import { restoreTrial, type TrialResult } from '../../test/ledger/restore-trial.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '1000' }, from: { type: 'string', default: '1' } }
})
const from = Number(values.from)
const to = from + Number(values.seeds)
const results: TrialResult[] = []
for (let seed = from; seed < to; seed++) {
  results.push(await restoreTrial(seed))
  if (results.length % 100 === 0) console.log(`${results.length} trials, no fork`)
}
const count = (test: (result: TrialResult) => boolean): number => results.filter(test).length
const sum = (number: (result: TrialResult) => number): number =>
  results.reduce((total, result) => total + number(result), 0)
console.log(
  `restore trials: ${results.length} (seeds ${from} to ${to - 1}), forks: 0, kills: ${sum(({ kills }) => kills)}, appends refused while restoring: ${sum(({ refused }) => refused)}, ` +
    `ready again: ${count(({ ready }) => ready)}, database old: ${count(({ disaster }) => disaster.startsWith('old'))}, gone: ${count(({ disaster }) => disaster.startsWith('gone'))}, mark missing: ${count(({ disaster }) => disaster.endsWith('no-mark'))}`
)
