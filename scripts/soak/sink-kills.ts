/**
 * Kills the sink, the node or the database with SIGKILL at random times, while entries are appended and erased: `node
 * dist/scripts/soak/sink-kills.js [--kills 200] [--seed 1]`. At the end the tables have to be what the node shows, row by row,
 * and every row has to verify.
 */
import assert from 'node:assert/strict'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { paths } from '../../src/config/paths.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { connectSql } from '../../src/sink/sql-client.js'
import { dice } from '../../test/helpers/dice.js'
import { noPostgres, startPostgres } from '../../test/sink/postgres.js'

const BIN = 'bin/ledgermesh.js'
/** How long all three run, at most, before one is killed, ms. */
const LIVES_MS = 1500

const {
  values: { kills, seed }
} = parseArgs({ options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } } })
if (noPostgres !== null) throw new Error(noPostgres)
const random = dice(Number(seed))
const home = await mkdtemp(join(tmpdir(), 'lm-sink-'))
const database = await startPostgres()
Object.assign(process.env, database.env)
const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, [BIN, '--home', home, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
const count = { node: 0, sink: 0, database: 0 }
let appended = 0
let erased = 0
let node = await startNode()
let sink: ChildProcess = start('sink', 'postgres')

for (let kill = 0; kill < Number(kills); kill++) {
  const until = performance.now() + random() * LIVES_MS
  const client = await LedgerClient.connect(paths(home).socket)
  do {
    const { appended: new_ } = await client.call('ledger.appendBatch', {
      entries: Array.from({ length: 1 + Math.floor(random() * 20) }, () => ({
        stream: 's',
        type: 't',
        payload: { at: appended++ }
      }))
    })
    if (random() < 0.3) {
      await client.call('ledger.erase', { hashes: [new_[0]!.entry.hash] })
      erased++
    }
    if (sink.exitCode !== null || sink.signalCode !== null) sink = start('sink', 'postgres')
  } while (performance.now() < until)
  await client.close()
  const victim = random() < 0.5 ? 'sink' : random() < 0.6 ? 'node' : 'database'
  count[victim]++
  if (victim === 'sink') await gone(sink)
  else if (victim === 'database') await database.killAndStart()
  else {
    await gone(node)
    node = await startNode()
  }
  if ((kill + 1) % 20 === 0) console.error(`${kill + 1} kills, ${appended} entries`)
}
await gone(sink)

const run = promisify(execFile)
await run(process.execPath, [BIN, '--home', home, 'sink', 'postgres', '--once'])
const verified = await run(process.execPath, [BIN, '--home', home, '--json', 'sink', 'verify'])
const client = await LedgerClient.connect(paths(home).socket)
const sql = await connectSql()
const { rows } = await sql.query(
  `SELECT seq::int, encode(hash, 'hex') AS hash, payload, payload_state AS state FROM ledgermesh.entries ORDER BY seq, hash`
)
const shown: typeof rows = []
for (let cursor: string | null = '', first = true; first || cursor !== null; first = false) {
  const page: Awaited<ReturnType<typeof snapshot>> = await snapshot(first ? undefined : cursor!)
  for (const { seq, hash, raw, payload_state: state } of page.entries)
    shown.push({ seq, hash, payload: raw.payload === null ? null : Buffer.from(raw.payload), state })
  cursor = page.next
}
await client.close()
await sql.end()
assert.deepEqual(rows, shown)
console.log(
  `seed ${seed}, killed: ${count.sink} × sink, ${count.node} × node, ${count.database} × database; ${rows.length} rows (${erased} erased) are what the node shows; ${verified.stdout.trim()}`
)
await gone(node)
await database.stop()
await rm(home, { recursive: true, force: true })
process.exit()

async function snapshot(cursor: string | undefined) {
  return await client.call('feed.snapshot', { limit: 1000, ...(cursor !== undefined && { cursor }) })
}

async function startNode(): Promise<ChildProcess> {
  const child = start('--json', 'start', '--listen', '/ip4/127.0.0.1/tcp/0')
  const ended = new Error('the node did not start')
  await Promise.race([once(child.stdout!, 'data'), once(child, 'exit').then(() => Promise.reject(ended))])
  return child
}

async function gone(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
