/**
 * Tests that `npm test` shortens, whole: `node dist/scripts/soak/whole.js [part of a name]`. Every bit of a file is
 * turned over instead of one of each byte, every fault of the disk is played, a process is killed at every point. Ends
 * with 1 when one fails.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Each file, and what makes it whole. */
const WHOLE: Record<string, Record<string, string>> = {
  'core/proof': { FLIPS: 'all' },
  'core/evidence-flips': { FLIPS: 'all' },
  'core/verify-answer': { MUTATIONS: '2000' },
  'node/way-out-faults': { FAULTS: 'all' },
  'ledger/faults': { FAULTS: 'all' },
  'ledger/conflicts/kill': { KILL_SEEDS: '200', KILL_STEP: '1' },
  'e2e/way-out-kill': { FAULTS: 'all' }
}
/** A test may take so long, ms. */
const PATIENCE_MS = 3_600_000

const wanted = process.argv[2] ?? ''
const failed = Object.entries(WHOLE)
  .filter(([name]) => name.includes(wanted))
  .filter(([name, env]) => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs')
    const args = [vitest, 'run', `--testTimeout=${PATIENCE_MS}`, join('dist', 'test', `${name}.test.js`)]
    const { status } = spawnSync(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'inherit' })
    return status !== 0
  })
console.log(failed.length === 0 ? 'all of them passed whole' : `FAILED: ${failed.map(([name]) => name).join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
