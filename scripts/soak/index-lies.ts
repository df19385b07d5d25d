/**
 * Lies about an index, over ledgers up to 100,000 entries: `node dist/scripts/soak/index-lies.js [--seed 1]`. 18,000
 * changed answers, of which none may be believed and wrong; authors who lie, each of whom convicts himself in every wrong
 * answer that is believed; and honest ones, accused with thousands of files, none of which may check. Ends with an error
 * when one does.
 */
import { parseArgs } from 'node:util'
import { accuseHonest, live, rob } from '../../test/core/lmx1/honest-lives.js'
import { LIES } from '../../test/core/lmx1/liars.js'
import { convictions } from '../../test/core/lmx1/play-faults.js'
import { play } from '../../test/core/lmx1/world.js'
import { dice } from '../../test/helpers/dice.js'

/** Of a fault file, beside the signed entries that it quotes. */
const MAX_FAULT_BYTES = 16 * 1024
const LIVES = 20

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' } } })
const seed = Number(values.seed)
for (const size of [10, 1000, 10_000, 100_000]) {
  const { refused, same } = await play(size, 150, 30, seed)
  console.log(`${size} entries, seed ${seed}: ${refused} lies refused, ${same} changed nothing`)
}
/** The one behind all of LIES: false times. */
for (let kind = 0; kind <= LIES.length; kind++) {
  const { convicted, largest } = await convictions({ size: 800, questions: 300, most: 10, kind, seed })
  console.log(
    `lie ${kind}, seed ${seed}: convicted ${convicted} times, with at most ${largest} bytes beside the entries`
  )
  if (convicted === 0 || largest > MAX_FAULT_BYTES)
    throw new Error(`lie ${kind} of seed ${seed}: not convicted, or not small`)
}
let [refused, robbed] = [0, 0]
for (let life = 0; life < LIVES; life++) {
  const roll = dice(seed * LIVES + life)
  const honest = await live(120, roll, { seed: seed * LIVES + life })
  refused += await accuseHonest(honest, 10, seed * LIVES + life)
  const worth = await rob(honest, roll)
  if (worth !== null) robbed++
  if (worth !== null && (worth.late !== 'excused' || worth.early !== 'apart'))
    throw new Error(`seed ${seed}, life ${life}: a thief convicts the owner`)
}
console.log(
  `seed ${seed}: ${refused} accusations of ${LIVES} honest authors and ${robbed} thieves' files are worth nothing`
)
