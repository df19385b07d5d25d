/** The benchmark: each figure of ours beside the limit of this machine that was measured in the same run. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RawEntry } from '../../src/core/entry.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { appendBatches, appendConcurrently, appendOneByOne } from './append.js'
import { startAuthor } from './author-process.js'
import { Follower } from './follower.js'
import { measureHttp } from './http.js'
import { ingest } from './ingest.js'
import { measureCrowd } from './crowd/measure-crowd.js'
import { measureAcross } from './across.js'
import { measureIndexed } from './indexed-appends.js'
import { measureAdopt } from './adopt.js'
import { measureConflicts } from './conflicts.js'
import { measureSchedule } from './schedule.js'
import { measurePush } from './push.js'
import { syncBytes } from './sync-bytes.js'
import { measureLarge } from './large/measure-large.js'
import { hashAndParse, rawWrites, signRates, syncOnce, syncTime, type Batch } from './machine.js'
import { medianAnd95, summary, type Measure } from './measure.js'
import { startPlainHost } from './plain-host.js'
import { queryTimes } from './query.js'
import { readRecords } from './records.js'
import { measureReferences } from './references.js'
import type { Row } from './row.js'
import { echoTime, openEcho, streamRate } from './stream.js'

export interface RunOptions {
  folder: string
  /** Records in the batch. */
  entries: number
  rounds: number
  /** Appends whose way to the follower is timed. */
  latencies: number
  /** A folder of .jsonl.gz files; default: the demo's. */
  records: string | undefined
  /** Entries of the long ledgers that are measured too, ascending. */
  sizes: number[]
  /** Followers of a burst, each in a process of its own; 0: no burst. */
  followers: number
  /** Also what conflicts, adoption, schedules and push cost. */
  sync: boolean
  /** Also what questions across ledgers cost. */
  query: boolean
  /** Also HTTP beside the socket, the feed, and what both cost the rest. */
  http: boolean
  say: (what: string) => void
}

const MIB = 1024 * 1024
/** What is signed and verified alone: about as long as the records' headers. */
const HEADER_BYTES = 1500
/** Queries that are asked when nothing else is done. */
const QUIET_QUERIES = 100
/** Entries held in memory for the local figures. */
const IN_MEMORY = 50_000

export async function run(options: RunOptions): Promise<Row[]> {
  const { folder, say } = options
  const append = await measureAppend(options)
  const local = await measureIngest(options, append)
  const conflicts = options.sync ? await measureConflicts(options, append.ledger, append.entries) : []
  if (options.sync) conflicts.push(...(await measureAdopt(options, append.ledger, append.entries)))
  if (options.sync) conflicts.push(...(await measureSchedule(options)))
  if (options.query) conflicts.push(...(await measureReferences(options)))
  if (options.http) conflicts.push(...(await measureHttp(options)))
  say('starting the author in a process of its own')
  const author = await startAuthor(folder)
  const plain = await startPlainHost(join(folder, 'plain'))
  try {
    say('libp2p alone')
    const streams = await streamRate(plain.host, author.plainAddr, append.size * local.entryBytes)
    const echo = await echoTime(plain.host, author.plainAddr)
    if (options.query)
      conflicts.push(...(await measureAcross(options, echo.median)), ...(await measureIndexed(options)))
    const stored: number[] = []
    const audited: number[] = []
    // measured between the rounds: what else runs on this machine then slows both
    const beside = { ingest: [] as number[], queries: [] as number[] }
    let peakRss = 0
    const rssBefore = process.memoryUsage.rss()
    let follower: Follower | undefined
    for (let round = 0; round < options.rounds; round++) {
      say(`catch-up, round ${round + 1} of ${options.rounds}`)
      await follower?.close()
      follower = await Follower.start(join(folder, `follower-${round}`), author)
      const result = await follower.catchUp(append.size)
      beside.ingest.push(await local.again(`beside-${round}`))
      stored.push((append.size / result.storedMs) * 1000)
      audited.push((append.size / result.auditedMs) * 1000)
      peakRss = Math.max(peakRss, result.peakRss)
      beside.queries.push(...result.queries)
    }
    const quiet = medianAnd95(await follower!.quietQueries(QUIET_QUERIES))
    say('from append to the follower')
    // In the pauses between the appends: a machine that just slept answers later than one that is kept busy.
    const paced = { echo: [] as number[], sync: [] as number[] }
    const once = await openEcho(plain.host, author.plainAddr)
    const latency = await follower!.latencies(options.latencies, async () => {
      paced.echo.push(await once.once())
      paced.sync.push(await syncOnce(folder))
    })
    await once.close()
    await follower!.close()
    say('queries')
    const queries = await queryTimes(
      join(folder, `follower-${options.rounds - 1}`, 'db'),
      author.ledger,
      append.streams
    )
    const echoing = await openEcho(plain.host, author.plainAddr)
    const pushed = options.sync
      ? [
          ...(await measurePush({ ...options, echo: echoing.once, echoMs: echo.median, syncMs: append.sync.median })),
          ...syncBytes()
        ]
      : []
    await echoing.close()
    const streamEntries = (streams.median * 1e6) / local.entryBytes
    const [echoes, syncs] = [summary(paced.echo), summary(paced.sync)]
    const sooner = { what: '3 echoes of 64 B + fsync, at the same pace', value: 3 * echoes.median + syncs.median }
    return [
      ...append.rows,
      ...local.rows,
      ...conflicts,
      ...pushed,
      {
        what: 'catch-up over TCP, stored',
        figure: summary(stored),
        unit: 'entries/s',
        limit: { what: 'local ingest, between the rounds', value: summary(beside.ingest).median },
        goal: { atLeast: 0.7 }
      },
      {
        what: 'catch-up over TCP, stored',
        figure: summary(stored),
        unit: 'entries/s',
        limit: { what: 'one libp2p stream of the same bytes', value: streamEntries }
      },
      {
        what: 'catch-up over TCP, every signature checked',
        figure: summary(audited),
        unit: 'entries/s',
        limit: { what: 'Ed25519 verifying, one thread', value: append.verify.median }
      },
      {
        what: 'append → queryable on a follower, p50',
        figure: summary([latency.p50]),
        unit: 'ms',
        limit: sooner,
        goal: { atMost: 1 }
      },
      { what: 'append → queryable on a follower, p99', figure: summary([latency.p99]), unit: 'ms', limit: sooner },
      {
        what: '  of it the append at the author, p50',
        figure: summary([latency.appendP50]),
        unit: 'ms',
        limit: { what: 'fsync, at the same pace', value: syncs.median }
      },
      {
        what: 'query of 100 entries by stream',
        figure: queries.query,
        unit: 'ms',
        limit: { what: 'LevelDB range read of 100 entries', value: queries.raw.median },
        goal: { atMost: 3 }
      },
      {
        what: 'query of the newest 100 while signatures are checked',
        figure: medianAnd95(beside.queries),
        unit: 'ms',
        limit: { what: 'the same, and nothing else to do', value: quiet.median }
      },
      {
        what: 'opening the filled store',
        figure: queries.open,
        unit: 'ms',
        limit: { what: 'goal to a serving socket', value: 1000 },
        goal: { atMost: 1 }
      },
      {
        what: 'memory (RSS) at most while catching up',
        figure: summary([peakRss / MIB]),
        unit: 'MiB',
        limit: { what: 'before it, with all records in memory', value: rssBefore / MIB }
      },
      { what: 'echo of 64 B over libp2p, one after the other', figure: echo, unit: 'ms' },
      { what: 'one libp2p stream, 64 KiB frames', figure: streams, unit: 'MB/s' },
      ...(options.sizes.length === 0
        ? []
        : await measureLarge({ folder, sizes: options.sizes, ingest: summary(beside.ingest).median, say })),
      ...(options.followers === 0 ? [] : await measureCrowd({ folder, followers: options.followers, say }))
    ]
  } finally {
    await plain.stop()
    await author.stop()
  }
}

interface Appended {
  rows: Row[]
  size: number
  streams: string[]
  sync: Measure
  verify: Measure
  entries: RawEntry[]
  ledger: string
}

async function measureAppend({ folder, entries: count, records, say }: RunOptions): Promise<Appended> {
  say(`reading ${count} records`)
  const extra = Math.round(count / 10)
  const inputs = await readRecords(count + extra + 200, records)
  const ledger = await createLedger({ dataDir: join(folder, 'author'), name: 'bench' })
  try {
    say('fsync')
    const sync = await syncTime(folder)
    say('durable appends, Ed25519 alone before and after')
    const message = Buffer.alloc(HEADER_BYTES, 'x')
    const before = await signRates(message)
    const batches = await appendBatches(ledger, inputs.slice(0, count))
    const concurrent = await appendConcurrently(ledger, inputs.slice(count, count + extra))
    const single = await appendOneByOne(ledger, inputs.slice(count + extra))
    const { own } = ledger.parts.ledgers
    const entries: RawEntry[] = []
    while (entries.length < Math.min(own.size, IN_MEMORY))
      entries.push(...(await own.range(entries.length, { count: 512, bytes: 4 * MIB })))
    const after = await signRates(message)
    const signing = { what: 'Ed25519 signing, one thread', value: (before.sign.median + after.sign.median) / 2 }
    const verify = after.verify
    return {
      size: own.size,
      streams: [...new Set(inputs.map(({ stream }) => stream))],
      sync,
      verify,
      entries,
      ledger: own.id,
      rows: [
        {
          what: 'durable append, batches of 1000',
          figure: batches,
          unit: 'entries/s',
          limit: signing,
          goal: { atLeast: 0.6 }
        },
        { what: 'durable append, 64 callers', figure: concurrent, unit: 'entries/s', limit: signing },
        {
          what: 'durable append, one by one',
          figure: single,
          unit: 'entries/s',
          limit: { what: 'fsyncs', value: 1000 / sync.median }
        }
      ]
    }
  } finally {
    await ledger.close()
  }
}

interface Ingested {
  rows: Row[]
  /** Bytes of an entry on the wire, uncompressed. */
  entryBytes: number
  /** One more round, into a folder of that name; entries/s. */
  again: (name: string) => Promise<number>
}

async function measureIngest(
  { folder, rounds: count, say }: RunOptions,
  { entries, ledger }: Appended
): Promise<Ingested> {
  const dir = async (name: string): Promise<string> => {
    const path = join(folder, name)
    await mkdir(path)
    return path
  }
  say('local ingest, LevelDB alone, hashing alone')
  const batches: Batch[] = []
  await ingest(await dir('ingest-warm-up'), ledger, entries, batches)
  const rates = { ingest: [] as number[], hashing: [] as number[], raw: [] as number[] }
  for (let round = 0; round < count; round++) {
    rates.hashing.push(await hashAndParse(entries))
    rates.ingest.push(await ingest(await dir(`ingest-${round}`), ledger, entries))
    rates.raw.push((entries.length / (await rawWrites(await dir(`raw-${round}`), batches))) * 1000)
  }
  const [hashing, raw] = [summary(rates.hashing), summary(rates.raw)]
  const keys = batches.reduce((sum, { ops }) => sum + ops.length, 0)
  const slower =
    hashing.median < raw.median
      ? { what: 'hashing and parsing alone', value: hashing.median }
      : { what: 'LevelDB alone', value: raw.median }
  const bytes = entries.reduce(
    (sum, { header, signature, payload }) => sum + header.length + signature.length + (payload?.length ?? 0),
    0
  )
  return {
    entryBytes: bytes / entries.length,
    again: async (name) => await ingest(await dir(name), ledger, entries),
    rows: [
      { what: 'local ingest', figure: summary(rates.ingest), unit: 'entries/s', limit: slower, goal: { atLeast: 0.6 } },
      { what: '  hashing and parsing alone', figure: hashing, unit: 'entries/s' },
      { what: `  LevelDB alone, ${(keys / entries.length).toFixed(1)} keys an entry`, figure: raw, unit: 'entries/s' }
    ]
  }
}
