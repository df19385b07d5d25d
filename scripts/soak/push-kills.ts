/**
 * Kills a node that pushes, or the one that it pushes to: `node dist/scripts/soak/push-kills.js --seeds 200 [--from 1]
 * [--jobs 2] [--daemons]`. A seed is five kills at random writes of the one or the other, two real nodes in this process;
 * with `--daemons`, eight SIGKILLs at random times of whole daemons. Ends with 1 at the first entry that is lost or doubled,
 * and at the first receipt that says more than is there.
 */
import { pushHistory } from '../../test/e2e/push-run.js'
import { crashTrial } from '../../test/node/push/crash-trial.js'
import { soak } from './seeds.js'

const KILLS = 5
const DAEMON_KILLS = 8

await soak({
  seeds: 200,
  none: { killsOfReceiver: 0, killsOfPusher: 0, entries: 0, receipts: 0 },
  run: async (seed, { daemons }) => (daemons ? await pushHistory(seed, DAEMON_KILLS) : await crashTrial(seed, KILLS)),
  sentence: ({ killsOfReceiver, killsOfPusher, entries, receipts }) =>
    `kills survived: ${killsOfReceiver} of the receiver, ${killsOfPusher} of the pusher; entries pushed: ${entries}, lost or doubled: 0; receipts checked: ${receipts}, false: 0`
})
