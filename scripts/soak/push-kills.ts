/**
 * Kills a daemon that pushes, or the one that it pushes to, at random times: `node dist/scripts/soak/push-kills.js
 * --seeds 50 [--from 1]`. A seed is eight kills. Ends with 1 at the first entry that is lost or doubled, and at the
 * first receipt that says more than is there.
 */
import { parseArgs } from 'node:util'
import { pushHistory, type PushFigures } from '../../test/e2e/push-run.js'

const KILLS = 8

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: process.env.SEEDS ?? '25' }, from: { type: 'string', default: '1' } }
})
const total: PushFigures = { killsOfReceiver: 0, killsOfPusher: 0, entries: 0, receipts: 0 }
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  const figures = await pushHistory(seed, KILLS)
  for (const name of Object.keys(total) as (keyof PushFigures)[]) total[name] += figures[name]
  console.log(`seed ${seed}: ${JSON.stringify(figures)}`)
}
console.log(
  `kills survived: ${total.killsOfReceiver} of the receiver, ${total.killsOfPusher} of the pusher; entries pushed: ${total.entries}, lost or doubled: 0; receipts checked: ${total.receipts}, false: 0`
)
