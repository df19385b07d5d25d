/**
 * Kills a node and the consumer of its feed, by seed: `node dist/scripts/soak/feed.js --seeds 200 [--from 1]`. Ends with
 * 1 at the first picture that is not the snapshot.
 */
import { parseArgs } from 'node:util'
import { playFeed } from '../../test/ledger/feed/play.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' } }
})
const last = Number(values.from) + Number(values.seeds) - 1
let [kills, events, resets] = [0, 0, 0]
// the store's own timers keep no process alive
const alive = setInterval(() => {}, 1000)
for (let seed = Number(values.from); seed <= last; seed++) {
  const played = await playFeed(seed)
  kills += played.kills
  events += played.events
  resets += played.resets
}
clearInterval(alive)
console.log(
  `seeds ${values.from} to ${last}: ${kills} kills survived, ${events} events told, ${resets} new beginnings; wrong pictures: 0`
)
