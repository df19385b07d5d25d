/**
 * What the index of the own ledger costs: the same appends with it and without, in turns; and how fast it is built when
 * nothing else is done.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createLedger } from '../../src/index.js'
import { IndexThread } from '../../src/ledger/lmx1/index-thread.js'
import { StoredIndex } from '../../src/ledger/lmx1/stored-index.js'
import { IndexKeeper } from '../../src/node/query/index-keeper.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { rate, summary } from './measure.js'
import type { Row } from './row.js'

const ENTRIES = 30_000
const CALLERS = 64
const ROUNDS = 3
const SUBJECTS = 500
/** DESIGN: what the index leaves of the own path. */
const SHARE = 0.95
/** DESIGN: entries/s of a build that has the time to itself. */
const BUILD_RATE = 20_000

export async function measureIndexed({ folder, say }: { folder: string; say: (what: string) => void }): Promise<Row[]> {
  say(`appends beside the index of the own ledger, ${ENTRIES} entries`)
  await mkdir(join(folder, 'indexed'))
  const rates: Record<'off' | 'own', number[]> = { off: [], own: [] }
  const caught: number[] = []
  const built: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const index of round % 2 === 0 ? (['off', 'own'] as const) : (['own', 'off'] as const)) {
      const { appends, caughtUp, builds } = await appendAll(
        join(folder, 'indexed', `${index}-${round}`),
        index === 'own'
      )
      rates[index].push(appends)
      if (index === 'own') caught.push(caughtUp)
      built.push(builds)
    }
  return [
    {
      what: `${CALLERS} callers append while the index is built behind them`,
      figure: summary(rates.own),
      unit: 'entries/s',
      limit: { what: 'the same without an index', value: summary(rates.off).median },
      goal: { atLeast: SHARE }
    },
    {
      what: '  until it has all of them',
      figure: summary(caught),
      unit: 'entries/s',
      limit: { what: 'the same without an index', value: summary(rates.off).median },
      goal: { atLeast: SHARE }
    },
    {
      what: 'the index alone',
      figure: summary(built),
      unit: 'entries/s',
      limit: { what: 'its design', value: BUILD_RATE },
      goal: { atLeast: 1 }
    }
  ]
}

async function appendAll(
  dataDir: string,
  isIndexed: boolean
): Promise<{ appends: number; caughtUp: number; builds: number }> {
  await mkdir(dataDir)
  const node = await createLedger({ dataDir })
  const { ledgers, store } = node.parts
  const { own } = ledgers
  const keeper = isIndexed
    ? new IndexKeeper({ store, ledgers, of: 'own', clock: systemClock, random: systemRandom, log: silentLog })
    : null
  keeper?.start()
  const inputs = Array.from({ length: ENTRIES }, (_, at) => ({
    stream: `s${at % 4}`,
    type: 'note',
    subject_oid: `oid:${at % SUBJECTS}`,
    payload: { at, text: 'x'.repeat(200) }
  })).values()
  const call = async (): Promise<void> => {
    for (const input of inputs) await node.append(input)
  }
  const started = performance.now()
  const sinceStart = (): number => (ENTRIES / (performance.now() - started)) * 1000
  try {
    await Promise.all(Array.from({ length: CALLERS }, call))
    const appends = sinceStart()
    await keeper?.caughtUp()
    await keeper?.stop()
    const thread = IndexThread.beside(store)
    const index = new StoredIndex({ store, ledgerNumber: own.ledgerNumber, reader: own.reader, thread })
    if (isIndexed) {
      // The next one is named later; nothing is left for it to do but this.
      await index.load(own.size)
      await index.advance(own.size)
    }
    const caughtUp = sinceStart()
    await index.drop()
    return { appends, caughtUp, builds: await rate(own.size, () => index.advance(own.size)) }
  } finally {
    await keeper?.stop()
    await node.close()
  }
}
