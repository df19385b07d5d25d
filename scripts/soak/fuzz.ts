/**
 * Fuzzes every decoder: `node dist/scripts/soak/fuzz.js --minutes 10 [--target header] [--seed 1]`. Findings are
 * shrunk, printed, and kept in test/fuzz/corpus, where `npm test` runs them again; it ends with 1 when there are any.
 * `--keep-seeds` only writes the seeds of new targets there.
 */
import { parseArgs } from 'node:util'
import { keep, keepSeeds, readCorpus } from '../../test/fuzz/corpus.js'
import { fuzz, samplesOf } from '../../test/fuzz/run-target.js'
import { TARGETS } from '../../test/fuzz/targets/index.js'

/** Cases of one target before the next one has its turn. */
const TURN_RUNS = 400

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    'keep-seeds': { type: 'boolean' }
  }
})
const targets = TARGETS.filter(({ name }) => values.target === undefined || name === values.target)
if (targets.length === 0)
  throw new Error(`there is no target ${values.target}: ${TARGETS.map(({ name }) => name).join(' ')}`)

if (values['keep-seeds'] === true) {
  for (const target of targets)
    if (readCorpus(target.name).length === 0) for (const path of await keepSeeds(target)) console.log(path)
  process.exit(0)
}

const start = Date.now()
const end = start + Number(values.minutes) * 60_000
/** What broke, by target. One that breaks is left alone from then on: the same would come again and again. */
const found = new Set<string>()
const figures = new Map(targets.map(({ name }) => [name, { cases: 0, accepted: 0, ms: 0 }]))
console.log(`${targets.length} targets, seed ${values.seed}`)
let seed = Number(values.seed)
for (; Date.now() < end; seed = (seed + 1) % 2 ** 31) {
  for (const target of targets) {
    if (found.has(target.name) || Date.now() >= end) continue
    const figure = figures.get(target.name)!
    const began = Date.now()
    const finding = await fuzz(target, await samplesOf(target), {
      seed,
      runs: target.shortRuns ?? TURN_RUNS,
      count: (accepted) => {
        figure.cases++
        if (accepted) figure.accepted++
      }
    })
    figure.ms += Date.now() - began
    if (finding === null) continue
    found.add(target.name)
    console.log(
      `FOUND ${target.name} (seed ${seed}): ${finding.reason.slice(0, 600)}\n  ${keep(target.name, 'found', finding.bytes)}: ${JSON.stringify(Buffer.from(finding.bytes).toString('latin1').slice(0, 300))}`
    )
  }
}
for (const [name, { cases, accepted, ms }] of figures)
  console.log(
    `${name.padEnd(20)} ${String(cases).padStart(9)} cases  ${String(Math.round((cases / Math.max(ms, 1)) * 1000)).padStart(7)}/s  ${((100 * accepted) / Math.max(cases, 1)).toFixed(0).padStart(3)} % accepted  ${found.has(name) ? 'FOUND' : ''}`
  )
const cases = [...figures.values()].reduce((sum, figure) => sum + figure.cases, 0)
console.log(
  `${cases} cases in ${Math.round((Date.now() - start) / 1000)} s (${Math.round((cases / (Date.now() - start)) * 1000)}/s), last seed ${seed}, findings: ${found.size}`
)
process.exit(found.size === 0 ? 0 : 1)
