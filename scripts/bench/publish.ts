/**
 * What publishing costs: `node dist/scripts/bench/publish.js [--entries 1000000] [--payloads]`. A ledger of so many
 * entries, published by the command into an empty folder, then what a hundred more cost; beside an export of the same
 * ledger, which reads the same and writes one file.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { paths } from '../../src/config/paths.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { timed } from './measure.js'
import { recordBatches } from './records.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const BATCH = 1000
/** Entries of the increments, and how many there are. */
const MORE = 100
const INCREMENTS = 3
/** Entries between two lines of progress. */
const SAY_EVERY = 100_000

const {
  values: { entries, payloads }
} = parseArgs({
  options: { entries: { type: 'string', default: '1000000' }, payloads: { type: 'boolean', default: false } }
})
const count = Number(entries)
const run = promisify(execFile)
const home = await mkdtemp(join(tmpdir(), 'lm-bench-'))
const { dataDir, socket } = { dataDir: home, socket: paths(home).socket }
const ledger = await createLedger({
  dataDir,
  name: 'bench',
  plugins: [interoperabilityPlugin(), syncPlugin()]
})
const server = await startRpcServer({ socket, node: nodeOf(ledger, 0), log: silentLog, onStop: () => undefined })
const command = async (...args: string[]): Promise<number> =>
  await timed(async () => await run(process.execPath, [MAIN, '--home', home, ...args]))
try {
  for await (const batch of recordBatches(count, BATCH)) {
    await ledger.appendBatch(batch)
    if (ledger.parts.ledgers.own.size % SAY_EVERY < BATCH) console.error(`${ledger.parts.ledgers.own.size} appended`)
  }
  const folder = join(home, 'public')
  const flags = payloads ? ['--payloads'] : []
  const exported = await command('export', '--out', join(home, 'ledger.jsonl'))
  say('export', exported, count)
  say('publish', await command('publish', folder, ...flags), count)
  for (let at = 0; at < INCREMENTS; at++) {
    await ledger.appendBatch(
      Array.from({ length: MORE }, (_, number) => ({ stream: 'more', type: 'more', payload: { at, number } }))
    )
    say(`${MORE} more`, await command('publish', folder, ...flags))
  }
  say('nothing new', await command('publish', folder, ...flags))
} finally {
  await server.close()
  await ledger.close()
  await rm(home, { recursive: true, force: true })
}
process.exit()

function say(what: string, ms: number, of?: number): void {
  const rate = of === undefined ? '' : `  ${Math.round((of / ms) * 1000).toLocaleString('en')} entries/s`
  console.log(`${what.padEnd(12)} ${(ms / 1000).toFixed(2).padStart(8)} s${rate}`)
}
