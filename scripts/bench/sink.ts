/**
 * What the sink costs: `node dist/scripts/bench/sink.js [--entries 50000]`. A ledger of so many entries goes into an empty
 * PostgreSQL of Debian's by the command, as a snapshot; then as many again, by its tail. Beside COPY alone of the same rows
 * into a table with the same columns and indexes, by the same database.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { paths } from '../../src/config/paths.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { startRpcServer } from '../../src/rpc/index.js'
import { noPostgres, startPostgres } from '../../test/sink/postgres.js'
import { timed } from './measure.js'
import { recordBatches } from './records.js'

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
const BATCH = 1000

const {
  values: { entries }
} = parseArgs({ options: { entries: { type: 'string', default: '50000' } } })
const count = Number(entries)
if (noPostgres !== null) throw new Error(noPostgres)
const run = promisify(execFile)
const home = await mkdtemp(join(tmpdir(), 'lm-bench-'))
const database = await startPostgres({ safe: true })
const ledger = await createLedger({ dataDir: home, name: 'bench', plugins: [interoperabilityPlugin(), syncPlugin()] })
const node = nodeOf(ledger, 0)
const server = await startRpcServer({ socket: paths(home).socket, node, log: silentLog, onStop: () => undefined })
const env = { ...process.env, ...database.env }
const command = async (...args: string[]): Promise<string> =>
  (await run(process.execPath, [MAIN, '--home', home, ...args], { env })).stdout
const psql = async (sql: string): Promise<string> => (await run('psql', ['-qAtc', sql], { env })).stdout
try {
  const batches = recordBatches(2 * count, BATCH)
  const fill = async (to: number): Promise<void> => {
    while (ledger.parts.ledgers.own.size < to) {
      const { value, done } = await batches.next()
      if (done === true) return
      await ledger.appendBatch(value)
    }
  }
  await fill(count)
  say('snapshot', await timed(async () => await command('sink', 'postgres', '--once')))
  await fill(2 * count)
  say('tail', await timed(async () => await command('sink', 'postgres', '--once')))
  say('verify', (await timed(async () => await command('sink', 'verify'))) / 2)
  const file = join(database.env.PGHOST, 'rows')
  await psql(`COPY (SELECT * FROM ledgermesh.entries WHERE seq < ${count}) TO '${file}' (FORMAT binary)`)
  await psql('CREATE TABLE copied (LIKE ledgermesh.entries INCLUDING ALL)')
  say('COPY alone', await timed(async () => await psql(`COPY copied FROM '${file}' (FORMAT binary)`)))
  console.log(await psql("SELECT pg_size_pretty(pg_total_relation_size('ledgermesh.entries'))"))
} finally {
  await server.close()
  await ledger.close()
  await database.stop()
  await rm(home, { recursive: true, force: true })
}
process.exit()

function say(what: string, ms: number): void {
  const rate = Math.round((count / ms) * 1000).toLocaleString('en')
  console.log(`${what.padEnd(12)} ${(ms / 1000).toFixed(2).padStart(8)} s  ${rate.padStart(8)} entries/s`)
}
