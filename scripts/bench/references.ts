/** What keeping account of references costs an append, and how fast they are checked: with and without it in turn. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ledgers } from '../../src/ledger/ledgers.js'
import { ReferenceTracker } from '../../src/node/references/reference-tracker.js'
import { silentLog, systemClock } from '../../src/node/runtime/system.js'
import { newOwn, openHome } from './home.js'
import { medianAnd95, summary, timed } from './measure.js'
import type { Row } from './row.js'

/** Entries of one round, each of which refers to two; rounds of each kind. */
const ENTRIES = 2_000
const BATCH = 500
const ROUNDS = 4
/** Single appends, of which each waits for the one before. */
const SINGLE = 150

interface Round {
  /** Entries/s until the last append has resolved. */
  batches: number
  /** ms. */
  single: number[]
  /** Entries/s until the last reference is checked. */
  checked: number
}

export async function measureReferences({
  folder,
  say
}: {
  folder: string
  say: (what: string) => void
}): Promise<Row[]> {
  say(`appends of ${ENTRIES} entries with references, of which account is kept, or not`)
  const home = join(folder, 'references')
  await mkdir(home)
  const found = { without: [] as Round[], with: [] as Round[] }
  for (let n = 0; n < ROUNDS; n++) {
    found.without.push(await round(join(home, `without-${n}`), false))
    found.with.push(await round(join(home, `with-${n}`), true))
  }
  const single = (rounds: Round[]) => medianAnd95(rounds.flatMap((one) => one.single))
  const batches = (rounds: Round[]) => summary(rounds.map((one) => one.batches))
  return [
    {
      what: 'append of an entry with two references, account is kept',
      figure: single(found.with),
      unit: 'ms',
      limit: { what: 'no account is kept', value: single(found.without).median }
    },
    {
      what: `batches of ${BATCH} of them`,
      figure: batches(found.with),
      unit: 'entries/s',
      limit: { what: 'no account is kept', value: batches(found.without).median }
    },
    {
      what: '  until every reference is checked',
      figure: summary(found.with.map(({ checked }) => checked)),
      unit: 'entries/s',
      limit: { what: 'no account is kept', value: batches(found.without).median }
    }
  ]
}

async function round(dir: string, isTracked: boolean): Promise<Round> {
  await mkdir(dir)
  const { store, ledgers, close } = await openHome(join(dir, 'db'), newOwn('references'))
  const publish = (): void => undefined
  const tracker = isTracked
    ? new ReferenceTracker({ store, ledgers, clock: systemClock, log: silentLog, track: 'own', publish })
    : null
  try {
    tracker?.wake()
    await tracker?.caughtUp()
    const started = performance.now()
    for (let at = 0; at < ENTRIES; at += BATCH) {
      const input = await inputOf(ledgers)
      await ledgers.own.appendBatch(Array.from({ length: BATCH }, () => input))
    }
    const appended = performance.now()
    await tracker?.caughtUp()
    const checked = performance.now()
    const single: number[] = []
    for (let n = 0; n < SINGLE; n++) {
      const input = await inputOf(ledgers)
      single.push(await timed(async () => await ledgers.own.append(input)))
    }
    await tracker?.caughtUp()
    const counts = tracker?.book.counts(ledgers.own.ledgerNumber)
    if (counts !== undefined && counts.verified !== 2 * (ENTRIES + SINGLE))
      throw new Error('a reference is not verified')
    return { batches: rateOf(appended - started), checked: rateOf(checked - started), single }
  } finally {
    await tracker?.stop()
    await close()
  }
}

/** One reference by id to the first entry, and one by hash to the newest. */
async function inputOf({ own }: Ledgers) {
  const ledgerId = own.id
  const newest = await own.reader.one(own.visible - 1)
  return {
    stream: 'main',
    type: 'note',
    payload: { text: 'x'.repeat(200) },
    references: [
      { ledgerId, entryId: 'genesis', referenceType: 'source' as const },
      { ledgerId, entryId: newest!.header.id, entryHash: newest!.hash, referenceType: 'related' as const }
    ]
  }
}

function rateOf(ms: number): number {
  return (ENTRIES / ms) * 1000
}
