/**
 * Pushers behind NAT and a backup that crashes and loses its disk, in virtual time: `node
 * dist/scripts/soak/push-seeds.js --seeds 200 [--from 1]`, and once 200 pushers at 64 places. Ends with 1 at the first
 * receipt that says more than is there, and at anything that is not confirmed in the end.
 */
import { parseArgs } from 'node:util'
import { play, problems } from '../../test/sim/push/play.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '100' }, from: { type: 'string', default: '1' } }
})
const last = Number(values.from) + Number(values.seeds) - 1
let entries = 0
for (let seed = Number(values.from); seed <= last; seed++) {
  const played = await play(seed, { pushers: 4, days: 5 })
  const found = problems(played)
  if (found.length > 0) throw new Error(`seed ${seed}: ${found.join('; ')}`)
  entries += played.pushers.reduce((sum, { size }) => sum + size, 0)
}
console.log(`seeds ${values.from} to ${last}: ${entries} entries confirmed, false receipts: 0`)
const { pushers } = await play(last, { pushers: 200, days: 1, places: 64, faults: false, length: 14 })
const safe = pushers.filter(({ flow, size }) => flow.code === null && flow.durable === size).length
const refused = pushers.filter(({ flow: { code, durable } }) => code === 'QUOTA' && durable === 0).length
if (safe !== 64 || refused !== 136) throw new Error(`of 200 pushers ${safe} are safe and ${refused} refused`)
console.log('200 pushers at 64 places: 64 safe, 136 refused with QUOTA')
