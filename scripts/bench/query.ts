/** Queries over what the follower has stored, beside the plain reads that they cannot do without. */
import { seqRange } from '../../src/store/keys.js'
import { openHome } from './home.js'
import { medianAnd95, summary, timed, type Measure } from './measure.js'

const ENTRIES = 100
const QUERIES = 100

/**
 * Milliseconds: opening the store with its ledgers, one query for 100 entries, and one LevelDB range read of 100
 * entries with their payloads.
 */
export async function queryTimes(
  db: string,
  ledger: string,
  streams: string[]
): Promise<{ open: Measure; query: Measure; raw: Measure }> {
  const started = performance.now()
  const { store, ledgers, close } = await openHome(db)
  const open = performance.now() - started
  const mirror = ledgers.get(ledger)!
  const query: number[] = []
  const raw: number[] = []
  for (let i = 0; i < QUERIES; i++) {
    const from = Math.floor((i * (mirror.size - ENTRIES)) / QUERIES)
    raw.push(
      await timed(async () => {
        await store.all({ ...seqRange('entry', mirror.ledgerNumber, from, mirror.size), limit: ENTRIES })
        await store.all({ ...seqRange('payload', mirror.ledgerNumber, from, mirror.size), limit: ENTRIES })
      })
    )
    query.push(
      await timed(async () => {
        const { entries } = await mirror.query({ stream: streams[i % streams.length]!, limit: ENTRIES })
        if (entries.length === 0) throw new Error('a stream without entries')
      })
    )
  }
  await close()
  return { open: summary([open]), query: medianAnd95(query), raw: medianAnd95(raw) }
}
