/**
 * Kills a node that adopts: `node dist/scripts/soak/adopt-kills.js --seeds 200 [--from 1] [--jobs 2] [--daemons]`. A seed
 * is twelve kills at random writes of one home, in this process; with `--daemons`, six SIGKILLs at random times of a whole
 * daemon, or of the one that it adopts from. Ends with 1 at the first copy that is lost, doubled or wrong, or that has what
 * was erased.
 */
import { adoptHistory } from '../../test/e2e/adopt-run.js'
import { crashTrial } from '../../test/node/adopt/crash-trial.js'
import { soak } from './seeds.js'

const KILLS = 12
const DAEMON_KILLS = 6

await soak({
  seeds: 200,
  none: { kills: 0, killsOfSource: 0, copies: 0, erased: 0 },
  run: async (seed, { daemons }) => {
    if (!daemons) return { killsOfSource: 0, ...(await crashTrial(seed, KILLS)) }
    const { killsOfAdopter, killsOfSource, copies, erased } = await adoptHistory(seed, DAEMON_KILLS)
    return { kills: killsOfAdopter, killsOfSource, copies, erased }
  },
  sentence: ({ kills, killsOfSource, copies, erased }) =>
    `kills survived: ${kills} of the adopter, ${killsOfSource} of the source; copies: ${copies}, of which erased ${erased}; lost, doubled or wrong: 0`
})
