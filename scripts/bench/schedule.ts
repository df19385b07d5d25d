/** What it costs to share out places for fetching among many jobs, and to read the figures of a node with many. */
import { PromMetrics } from '../../src/node/metrics/prom-metrics.js'
import { silentLog, systemRandom } from '../../src/node/runtime/system.js'
import { Sync } from '../../src/sync/sync.js'
import type { SyncEffect, SyncEvent } from '../../src/sync/types.js'
import { meterManyFollows } from './many-follows.js'
import { summary, timed } from './measure.js'
import type { Row } from './row.js'

const JOBS = 1_000
/** Ranges fetched in one round, and their bytes. */
const RANGES = 10_000
const RANGE_BYTES = 512 * 1024
const ENDLESS = 100_000_000
/** A range of 512 entries at 20,000 entries/s takes 25.6 ms: a hundredth of it is what the decider may take. */
const RANGE_MS = 0.256
const SCRAPES = 20

export async function measureSchedule({
  rounds,
  say
}: {
  rounds: number
  say: (what: string) => void
}): Promise<Row[]> {
  say(`${JOBS} jobs that share 32 places`)
  const deciding: number[] = []
  const waits: number[] = []
  for (let round = 0; round < rounds; round++) {
    const { ms, longest } = decidingMs()
    deciding.push(ms)
    waits.push(longest)
  }
  say('figures of 2,000 follows')
  const metrics = new PromMetrics({ log: silentLog })
  meterManyFollows(metrics)
  const scrapes: number[] = []
  let bytes = 0
  for (let n = 0; n < SCRAPES; n++)
    scrapes.push(
      await timed(async () => {
        bytes = Buffer.byteLength(await metrics.text())
      })
    )
  return [
    {
      what: `deciding about a range, ${JOBS.toLocaleString('en')} jobs`,
      figure: summary(deciding),
      unit: 'ms',
      limit: { what: '1 % of fetching it', value: RANGE_MS },
      goal: { atMost: 1 }
    },
    {
      what: `longest wait of one of ${JOBS.toLocaleString('en')} jobs`,
      figure: summary(waits),
      unit: 'ranges',
      limit: { what: 'its fair time: one of each', value: JOBS },
      goal: { atMost: 2 }
    },
    {
      what: 'figures of 2,000 follows, read',
      figure: summary(scrapes),
      unit: 'ms',
      limit: { what: 'fifty milliseconds', value: 50 },
      goal: { atMost: 1 }
    },
    {
      what: 'figures of 2,000 follows, size',
      figure: summary([bytes / 1024]),
      unit: 'KiB',
      limit: { what: '500 KiB', value: 500 },
      goal: { atMost: 1 }
    }
  ]
}

/**
 * Milliseconds for each range, from what was asked for to what is stored; and how many ranges came, at most, between two
 * of one job, from the second round on.
 */
function decidingMs(): { ms: number; longest: number } {
  const sync = new Sync({ random: systemRandom })
  const flying: Extract<SyncEffect, { type: 'fetch-range' }>[] = []
  const storing: Extract<SyncEffect, { type: 'store' }>[] = []
  const sizes = new Map<number, number>()
  let now = 0
  const handle = (event: SyncEvent): void => {
    for (const effect of sync.handle(event, ++now)) {
      if (effect.type === 'store') storing.push(effect)
      else if (effect.type === 'fetch-range') {
        flying.push(effect)
        sizes.set(effect.fetch, effect.from + effect.count)
      }
    }
  }
  for (let n = 0; n < JOBS; n++) {
    const [ledger, peer] = [`ledger ${n}`, `peer ${n}`]
    handle({ type: 'followed', ledger, size: 0, headHash: null })
    handle({ type: 'connected', peer })
    handle({ type: 'heads', peer, heads: [{ ledger, size: ENDLESS, hash: 'x' }], none: [], denied: [] })
  }
  const since = performance.now()
  const served = new Map<string, number>()
  let longest = 0
  for (let done = 0; done < RANGES; done++) {
    const { fetch, count, ledger } = flying.shift()!
    const before = served.get(ledger)
    if (before !== undefined) longest = Math.max(longest, done - before)
    served.set(ledger, done)
    handle({ type: 'batch-verified', fetch, count, bytes: RANGE_BYTES })
    for (let one = storing.shift(); one !== undefined; one = storing.shift()) {
      const size = sizes.get(one.fetch)!
      sizes.delete(one.fetch)
      handle({ type: 'stored', ledger: one.ledger, fetch: one.fetch, size, headHash: 'y' })
    }
  }
  const ms = (performance.now() - since) / RANGES
  // One that was never served, or not for long, has waited until now.
  for (let n = 0; n < JOBS; n++) longest = Math.max(longest, RANGES - (served.get(`ledger ${n}`) ?? 0))
  return { ms, longest }
}
