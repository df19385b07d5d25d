/**
 * A mixed load on the real daemon: appends, queries, proofs, erasures, subscriptions, broken requests; two authors that
 * it follows and that follow it, one of which is killed and comes back every half minute: `node
 * dist/scripts/soak/load.js --minutes 10` (or 60). Ends with 1 when the heap grows: the 95 % interval of its slope
 * after the warm-up neither includes 0 nor stays under 1 MiB a minute.
 */
import { parseArgs } from 'node:util'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { soak } from './load/soak.js'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-soak-'))
try {
  const { passed } = await soak({
    folder,
    minutes: Number(values.minutes),
    say: (line) => {
      console.log(line)
    }
  })
  process.exitCode = passed ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
