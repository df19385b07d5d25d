/** `npm run bench:peers [-- --quick] [-- --json]`: the same work on hypercore, on OrbitDB and on us. */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { syncTime } from '../machine.js'
import { install } from './install.js'
import { NOTES } from './notes.js'
import { rowsOf } from './rows.js'
import { run } from './run.js'
import { formatRows } from './table.js'

const SIZES = {
  full: {
    rounds: 3,
    work: {
      long: { oneByOne: 500, concurrent: 2_000, inBatches: 15_500, live: 20 },
      short: { oneByOne: 200, concurrent: 300, inBatches: 1_000, live: 20 }
    }
  },
  quick: {
    rounds: 1,
    work: {
      long: { oneByOne: 200, concurrent: 1_000, inBatches: 4_800, live: 10 },
      short: { oneByOne: 50, concurrent: 50, inBatches: 400, live: 10 }
    }
  }
}

const { quick, json } = new Command('bench:peers')
  .option('--quick', 'fewer entries, one round')
  .option('--json', 'print JSON')
  .parse()
  .opts<{ quick?: boolean; json?: boolean }>()
const { rounds, work } = SIZES[quick === true ? 'quick' : 'full']

const started = performance.now()
const say = (what: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}\n`)
}
const versions = await install(say)
const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-peers-'))
try {
  const sync = await syncTime(folder)
  const rows = rowsOf(await run({ folder, rounds, work, say }), work)
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`
  const peers = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
  if (json === true) console.log(JSON.stringify({ machine, versions, rounds, sync, rows, notes: NOTES }))
  else
    console.log(
      `\n${formatRows(rows)}\n${peers}; ${machine}; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}; ${((performance.now() - started) / 1000).toFixed(0)} s. In ms, a ratio below 1 is for us. One fsync takes ${sync.median.toFixed(2)} ms here.\n\n${NOTES.join('\n')}`
    )
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exit()
