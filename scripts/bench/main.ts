/**
 * `npm run bench [-- --quick] [-- --entries <n>] [-- --records <folder>] [-- --large] [-- --followers <n>] [-- --sync] [-- --query]
 * [-- --http] [-- --json]`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { isReached, ratioOf } from './row.js'
import { run } from './run.js'
import { formatRows } from './table.js'

const ENTRIES = { full: 18_000, quick: 6_000 }
const ROUNDS = { full: 3, quick: 1 }
/** Entries of the ledgers of --large. */
const SIZES = [100_000, 1_000_000]
const LATENCIES = { full: 60, quick: 15 }

const program = new Command('bench')
  .option('--quick', 'fewer entries and rounds')
  .option('--json', 'print JSON')
  .option('--entries <n>', 'records to append and to copy', Number)
  .option('--records <folder>', "of other records than the demo's: .jsonl.gz files in its form")
  .option('--large', 'also 100,000 and 1,000,000 entries: catch-up, memory, queries, start (minutes, 8 GB of disk)')
  .option('--followers <n>', 'also a burst of 1,000 appends to so many followers, each in a process of its own', Number)
  .option('--sync', 'also what conflicts, adoption, schedules and push cost')
  .option('--query', 'also what questions across ledgers and references cost')
  .option('--http', 'also HTTP beside the socket, the feed, and what both cost appends and sync')
  .parse()
const { quick, json, entries, records, large, followers, sync, query, http } = program.opts<{
  quick?: boolean
  json?: boolean
  entries?: number
  records?: string
  large?: boolean
  followers?: number
  sync?: boolean
  query?: boolean
  http?: boolean
}>()
const size = quick === true ? 'quick' : 'full'

const started = performance.now()
const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-bench-'))
const say = (what: string): void => {
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}\n`)
}
try {
  const rows = await run({
    folder,
    entries: entries ?? ENTRIES[size],
    rounds: ROUNDS[size],
    latencies: LATENCIES[size],
    records,
    sizes: large === true ? SIZES : [],
    followers: followers ?? 0,
    sync: sync === true,
    query: query === true,
    http: http === true,
    say
  })
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`
  if (json === true)
    console.log(
      JSON.stringify({ machine, rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), reached: isReached(row) })) })
    )
  else
    console.log(
      `\n${formatRows(rows)}\n${machine}; ${((performance.now() - started) / 1000).toFixed(0)} s. The spread is that of the rounds; of the queries, 95 of 100.\nRatios count, not figures: whatever else runs on this machine slows both.`
    )
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exit()
