/**
 * Lies about an index, over ledgers up to 100,000 entries: `node dist/scripts/soak/index-lies.js [--seed 1]`. 18,000
 * changed answers; ends with an error when one of them is believed and wrong.
 */
import { parseArgs } from 'node:util'
import { play } from '../../test/core/lmx1/world.js'

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } })
const seed = Number(values.seed)
for (const size of [10, 1000, 10_000, 100_000]) {
  const { refused, same } = await play(size, 150, 30, seed)
  console.log(`${size} entries, seed ${seed}: ${refused} lies refused, ${same} changed nothing`)
}
