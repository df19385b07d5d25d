/**
 * What grows with a ledger's length, and must not: generated entries (the Debian records again and again, under new
 * ids), each side in a process of its own.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answer, end } from '../answer.js'
import { startAuthor } from '../author-process.js'
import { summary } from '../measure.js'
import { queryTimes } from '../query.js'
import { readRecords } from '../records.js'
import type { Row } from '../row.js'
import type { CaughtUp } from './catch-up.js'
import { startTime } from './start-time.js'

const MIB = 1024 * 1024
/** MiB that the largest ledger may take more than the smallest (a goal of ours, not a promise). */
const MORE_MIB = 100
const STARTS = 3
/** Entries between two lines of progress. */
const SAY_EVERY = 100_000
/** Records whose streams are asked for. */
const SAMPLE = 10_000

interface Copied extends CaughtUp {
  size: number
  folder: string
  ledger: string
}

/** `sizes` ascending. `ingest`: entries/s of the same run without a network. */
export async function measureLarge({
  folder,
  sizes,
  ingest,
  say
}: {
  folder: string
  sizes: number[]
  ingest: number
  say: (what: string) => void
}): Promise<Row[]> {
  const copied: Copied[] = []
  for (const size of sizes) {
    const dir = join(folder, `large-${size}`)
    await mkdir(dir)
    copied.push({ ...(await copy(dir, size, say)), size, folder: dir })
    await rm(join(dir, 'author'), { recursive: true })
  }
  const [smallest, largest] = [copied[0]!, copied.at(-1)!]
  const many = largest.size.toLocaleString('en')
  say(`queries of ${many} entries`)
  const streams = [...new Set((await readRecords(SAMPLE)).map(({ stream }) => stream))]
  const queries = await queryTimes(join(largest.folder, 'follower', 'db'), largest.ledger, streams)
  say(`starting with ${many} entries`)
  const starts: number[] = []
  while (starts.length < STARTS) starts.push(await startTime(join(largest.folder, 'follower')))
  return [
    ...copied.map(({ size, storedMs }): Row => ({
      what: `catch-up of ${size.toLocaleString('en')} generated entries`,
      figure: summary([(size / storedMs) * 1000]),
      unit: 'entries/s',
      limit: { what: 'local ingest', value: ingest },
      goal: { atLeast: 0.7 }
    })),
    {
      what: `private memory at most, ${many} entries`,
      figure: summary([largest.peakPrivate / MIB]),
      unit: 'MiB',
      limit: {
        what: `of ${smallest.size.toLocaleString('en')} entries, and ${MORE_MIB} MiB`,
        value: smallest.peakPrivate / MIB + MORE_MIB
      },
      goal: { atMost: 1 }
    },
    {
      what: '  with the database files that the kernel maps (RSS)',
      figure: summary([largest.peakRss / MIB]),
      unit: 'MiB',
      limit: { what: `of ${smallest.size.toLocaleString('en')} entries`, value: smallest.peakRss / MIB }
    },
    {
      what: `query of 100 of ${many} entries by stream`,
      figure: queries.query,
      unit: 'ms',
      limit: { what: 'LevelDB range read of 100 entries', value: queries.raw.median },
      goal: { atMost: 3 }
    },
    {
      what: `start with ${many} entries, to a serving socket`,
      figure: summary(starts),
      unit: 'ms',
      limit: { what: 'goal', value: 1000 },
      goal: { atMost: 1 }
    }
  ]
}

async function copy(dir: string, size: number, say: (what: string) => void): Promise<CaughtUp & { ledger: string }> {
  say(`filling a ledger with ${size.toLocaleString('en')} entries`)
  const fill = fork(fileURLToPath(new URL('./fill.js', import.meta.url)), [dir, String(size)])
  fill.on('message', (done: number) => {
    if (done % SAY_EVERY === 1) say(`  ${done.toLocaleString('en')}`)
  })
  const [code] = (await once(fill, 'exit')) as [number]
  if (code !== 0) throw new Error(`filling ended with ${code}`)
  const author = await startAuthor(dir)
  try {
    say('copying it')
    const child = fork(fileURLToPath(new URL('./catch-up.js', import.meta.url)), [
      join(dir, 'follower'),
      author.addr,
      author.ledger,
      String(size)
    ])
    const result = await answer<CaughtUp>(child)
    await end(child)
    return { ...result, ledger: author.ledger }
  } finally {
    await author.stop()
  }
}
