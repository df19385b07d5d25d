/**
 * How far it scales: `node dist/scripts/soak/scale.js [--nodes 1000] [--ledgers 10000] [--seed 1] [--entries 1000]
 * [--growth] [--json]`; a table, or JSON.
 */
import { parseArgs } from 'node:util'
import { playScale, type ScaleOutcome } from '../../test/sim/scale/play-scale.js'
import { scaleReport } from '../../test/sim/scale/scale-report.js'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    ledgers: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    entries: { type: 'string' },
    growth: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false }
  },
  allowNegative: true
})
const nodes = Number(values.nodes)
const ledgers = Number(values.ledgers)
const outcomes: ScaleOutcome[] = []
for (const part of values.growth ? [8, 4, 2, 1] : [1]) {
  const size = { nodes: Math.round(nodes / part), ledgers: Math.round(ledgers / part) }
  const outcome = await playScale({
    ...size,
    seed: Number(values.seed),
    entries: Math.min(size.ledgers, values.entries === undefined ? size.nodes : Number(values.entries))
  })
  outcomes.push(outcome)
  process.stderr.write(
    `${size.nodes} nodes, ${size.ledgers} ledgers: ${outcome.seconds.toFixed(0)} s, ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB\n`
  )
}
console.log(values.json ? JSON.stringify(outcomes, null, 2) : scaleReport(outcomes))
