/**
 * Roll-backs, twins and rotations with real daemons: `node dist/scripts/soak/signer.js [--runs 20] [--only
 * <scenario>]`. Each run has homes of its own.
 * With `--simulate 1000` instead: so many seeds of each simulated trial, from `--from 1` on.
 * Ends with 1 when in any run a second entry for a seq was signed, or an alarm did not come in time.
 */
import { parseArgs } from 'node:util'
import { TRIALS } from '../../test/sim/signer/trials.js'
import { SCENARIOS } from '../../test/e2e/signer-scenarios.js'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    only: { type: 'string' },
    simulate: { type: 'string' },
    from: { type: 'string', default: '1' }
  }
})
const runs = Number(values.runs)
let failed = 0
const scenarios = Object.entries(SCENARIOS).filter(() => values.simulate === undefined)
for (const [name, run] of scenarios) {
  if (values.only !== undefined && values.only !== name) continue
  const took: number[] = []
  const alarms: number[] = []
  for (let i = 0; i < runs; i++) {
    const began = performance.now()
    try {
      const { alarmMs } = await run()
      took.push(performance.now() - began)
      if (alarmMs !== null) alarms.push(alarmMs)
    } catch (error) {
      failed++
      console.log(`${name}, run ${i + 1}: ${(error as Error).message}`)
    }
  }
  const seconds = (ms: number[]): string => (ms.length === 0 ? '-' : `${(Math.max(...ms) / 1000).toFixed(1)} s`)
  console.log(
    `${name}: ${took.length} of ${runs} runs, the longest ${seconds(took)}, the latest alarm after ${seconds(alarms)}`
  )
}
for (const [name, trial] of values.simulate === undefined ? [] : Object.entries(TRIALS)) {
  if (values.only !== undefined && values.only !== name) continue
  const from = Number(values.from)
  let [passed, refused, alarmMs] = [0, 0, 0]
  for (let seed = from; seed < from + Number(values.simulate); seed++) {
    try {
      const result = await trial(seed)
      passed++
      refused += result.refused
      alarmMs = Math.max(alarmMs, result.alarmMs ?? 0)
    } catch (error) {
      failed++
      console.log(`${name}, seed ${seed}: ${(error as Error).message}`)
    }
  }
  console.log(
    `${name}: ${passed} of ${values.simulate} seeds, ${refused} appends held back${alarmMs === 0 ? '' : `, the latest alarm after ${(alarmMs / 1000).toFixed(1)} s`}`
  )
}
process.exitCode = failed === 0 ? 0 : 1
