/**
 * Thieves, key forks and evidence of several kinds by seed: `node dist/scripts/soak/freezes.js --seeds 1000 [--seed
 * 1]`. Goes on after a failure; ends with 1 if there was one.
 */
import { parseArgs } from 'node:util'
import { keyFork } from '../../test/sim/key-forks.js'
import { spread } from '../../test/sim/spread.js'
import { robbery } from '../../test/sim/thieves.js'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } }
})
const from = Number(values.seed)
const to = from + Number(values.seeds)
const failed: string[] = []
const started = performance.now()
const robbed = { frozen: 0, thawed: 0 }
const spreads = { frozen: 0, goOn: 0, pieces: 0 }
const forked = { frozen: 0, owners: 0, others: 0 }

async function play(name: string, seed: number, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (error) {
    failed.push(`${name} ${seed}`)
    console.log(`${name}, seed ${seed}: FAILED: ${(error as Error).message}`)
  }
}

for (let seed = from; seed < to; seed++) {
  await play('thieves', seed, async () => {
    for (const { frozenAt } of await robbery(seed)) robbed[frozenAt === null ? 'thawed' : 'frozen']++
  })
  await play('several kinds', seed, async () => {
    const { kept, frozenAt } = await spread(seed)
    spreads[frozenAt === null ? 'goOn' : 'frozen']++
    spreads.pieces += kept
  })
  await play('key forks', seed, async () => {
    const ends = await keyFork(seed)
    for (const end of ['frozen', 'owners', 'others'] as const) forked[end] += ends[end]
  })
}
console.log(
  `${to - from} seeds in ${Math.round((performance.now() - started) / 1000)} s, failed: ${failed.length}${failed.length === 0 ? '' : ` (${failed.join(', ')})`}; ` +
    `followers of a robbed ledger that end frozen: ${robbed.frozen}, that go on: ${robbed.thawed}; of one with two rotations by one key: ` +
    `frozen ${forked.frozen}, on the owner's branch ${forked.owners}, on the other ${forked.others}, those with the owner's key always on his; ` +
    `evidence of several kinds: ${spreads.pieces} pieces held by all followers, ${spreads.frozen} seeds that end frozen, ${spreads.goOn} that go on`
)
if (failed.length > 0) process.exitCode = 1
