/** A whole node that follows the author: network, verification, store and audit as in the daemon. */
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import type { SyncMethods } from '../../src/node/api/sync.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import type { AuthorProcess } from './author-process.js'
import { quantile, timed } from './measure.js'

const POLL_MS = 2
/** Milliseconds between two looks at the memory: each costs more than the poll. */
const RSS_EVERY_MS = 50
/** Milliseconds between two appends: an announcement may wait 100 ms for the one before it. */
const APPEND_EVERY_MS = 150
const TIMEOUT_MS = 60_000
/** Appends before the counted ones. */
const WARM_UP = 5

/** Entries of the query that is asked beside the audit. */
const NEWEST = 100

export interface CaughtUp {
  storedMs: number
  auditedMs: number
  peakRss: number
  queries: number[]
}

export class Follower {
  readonly #ledger: MeshLedger
  readonly #sync: SyncMethods
  readonly #author: AuthorProcess

  private constructor(ledger: MeshLedger, sync: SyncMethods, author: AuthorProcess) {
    this.#ledger = ledger
    this.#sync = sync
    this.#author = author
  }

  /** Connected to the author, holding nothing. */
  static async start(dataDir: string, author: AuthorProcess): Promise<Follower> {
    const ledger = await createLedger({ dataDir, plugins: [interoperabilityPlugin(), syncPlugin()] })
    await ledger.plugins.interoperability.connect(author.addr)
    return new Follower(ledger, ledger.plugins.sync, author)
  }

  get mirror(): Ledger {
    return this.#ledger.parts.ledgers.get(this.#author.ledger)!
  }

  /**
   * Milliseconds from `follow` until `size` entries are stored, and until their signatures are all checked; the most
   * memory used meanwhile; how long queries took that were asked while signatures were checked.
   */
  async catchUp(size: number): Promise<CaughtUp> {
    const started = performance.now()
    await this.#sync.follow(this.#author.ledger)
    let storedMs = 0
    let peakRss = 0
    let lookedAt = 0
    const queries: number[] = []
    for (;;) {
      const elapsed = performance.now() - started
      if (storedMs === 0 && this.mirror.size >= size) storedMs = elapsed
      if (elapsed - lookedAt > RSS_EVERY_MS) {
        peakRss = Math.max(peakRss, process.memoryUsage.rss())
        lookedAt = elapsed
      }
      if (this.mirror.audited >= size) return { storedMs, auditedMs: elapsed, peakRss, queries }
      if (elapsed > TIMEOUT_MS)
        throw new Error(
          `after ${TIMEOUT_MS} ms ${this.mirror.size} of ${size} entries are here: ${JSON.stringify(await this.#sync.status(this.#author.ledger))}`
        )
      if (storedMs > 0) queries.push(await timed(() => this.#newest()))
      await wait(POLL_MS)
    }
  }

  /** Milliseconds of the same query, one after the other, when nothing else is done here. */
  async quietQueries(count: number): Promise<number[]> {
    const times: number[] = []
    for (let i = 0; i < count; i++) {
      times.push(await timed(() => this.#newest()))
      await wait(POLL_MS)
    }
    return times
  }

  async #newest(): Promise<void> {
    const { entries } = await this.mirror.query({ order: 'desc', limit: NEWEST })
    if (entries.length !== NEWEST) throw new Error('the query gave too few entries')
  }

  /**
   * Milliseconds from the author's append call until the entry is answered here, and what of it was the append itself.
   * `between`: in each pause.
   */
  async latencies(
    count: number,
    between: () => Promise<void>
  ): Promise<{ p50: number; p99: number; appendP50: number }> {
    const times: number[] = []
    const appends: number[] = []
    for (let i = 0; i < WARM_UP + count; i++) {
      const arrived = this.#nextArrival()
      const { hash, startedNs, appendMs } = await this.#author.append(i)
      const { hash: seen, atNs } = await arrived
      if (seen !== hash) throw new Error('another entry arrived')
      if (i >= WARM_UP) {
        times.push(Number(atNs - BigInt(startedNs)) / 1e6)
        appends.push(appendMs)
      }
      await wait(APPEND_EVERY_MS / 2)
      await between()
      await wait(APPEND_EVERY_MS / 2)
    }
    times.sort((a, b) => a - b)
    return {
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      appendP50: quantile(
        appends.toSorted((a, b) => a - b),
        0.5
      )
    }
  }

  async close(): Promise<void> {
    await this.#ledger.close()
  }

  /** The next entry that is stored here, and when a query gave it. */
  async #nextArrival(): Promise<{ hash: string; atNs: bigint }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ hash: string; atNs: bigint }>()
    const query = async (): Promise<void> => {
      const { entries } = await this.mirror.query({ stream: 'latency', order: 'desc', limit: 1 })
      resolve({ hash: entries[0]!.hash, atNs: process.hrtime.bigint() })
    }
    const stop = this.#ledger.parts.feed.subscribe(this.#author.ledger, () => {
      query().catch(reject)
    })
    const timer = setTimeout(() => {
      reject(new Error('the entry did not arrive'))
    }, TIMEOUT_MS)
    try {
      return await promise
    } finally {
      stop()
      clearTimeout(timer)
    }
  }
}
