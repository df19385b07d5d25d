/**
 * A store whose writes fail on demand, both ways, and whose power can fail: then what was synced is there, and of the
 * later writes a seeded number, in order (that is what a log that is written from front to back leaves). Nothing is
 * really synced: only what the ledger layer believes to be synced counts.
 */
import { LedgermeshError } from '../../src/core/errors.js'
import type { Log } from '../../src/ports.js'
import { uncleanOps } from '../../src/store/fsck.js'
import type { KeyRange } from '../../src/store/keys.js'
import {
  openLevel,
  openStore,
  openStoreAsIs,
  type Op,
  type Row,
  type RowRange,
  type Rows,
  type Store
} from '../../src/store/store.js'

/**
 * `lost`: not persisted, and reported failed; `kept`: persisted, and reported failed; `power`: the process ends here,
 * unsynced writes may be gone.
 */
export type Flavour = 'lost' | 'kept' | 'power'

export interface Fault {
  /** Number of the write that fails, from 0. */
  at: number
  flavour: Flavour
  /** Power loss: in [0, 1), how much of what was not synced is there all the same. */
  survives?: number
}

interface Step {
  ops: Op[]
  sync: boolean
}

const EVERYTHING = { gte: Buffer.of(0), lt: Buffer.of(0xff) }

export class FaultyStore implements Store {
  readonly incarnation: string
  readonly wasClean: boolean
  /** Writes that were asked for. */
  writes = 0
  readonly #inner: Store
  readonly #dir: string
  readonly #log: Log
  readonly #fault: Fault | null
  readonly #base: Row[]
  readonly #steps: Step[] = []
  readonly #failing = new AbortController()
  #closing: Promise<void> | undefined

  constructor(inner: Store, { dir, log, fault, base }: { dir: string; log: Log; fault: Fault | null; base: Row[] }) {
    this.#inner = inner
    this.#dir = dir
    this.#log = log
    this.#fault = fault
    this.#base = base
    this.incarnation = inner.incarnation
    this.wasClean = inner.wasClean
  }

  static async open(dir: string, { log, fault }: { log: Log; fault: Fault | null }): Promise<FaultyStore> {
    const inner = await openStore(dir, { log })
    return new FaultyStore(inner, { dir, log, fault, base: await inner.all(EVERYTHING) })
  }

  get failed(): boolean {
    return this.failing.aborted
  }

  get failing(): AbortSignal {
    return this.#failing.signal
  }

  async write(ops: Op[], { sync }: { sync: boolean }): Promise<void> {
    await this.#step(ops, sync, async () => {
      await this.#inner.write(ops, { sync: false })
    })
  }

  async flush(): Promise<void> {
    await this.write([], { sync: true })
  }

  /** Its faults would not reach there. */
  share(): null {
    return null
  }

  fail(): void {
    this.#failing.abort()
  }

  /** As LevelDB does it: not in one batch, and not synced. */
  async clear(range: KeyRange): Promise<void> {
    for (const key of await this.#inner.keys(range)) await this.write([{ type: 'del', key }], { sync: false })
  }

  async #step(ops: Op[], sync: boolean, run: () => Promise<void>): Promise<void> {
    if (this.failed) throw new LedgermeshError('STORE_FAILED', 'an earlier write failed with unknown outcome')
    const { flavour, at } = this.#fault ?? { flavour: 'lost', at: -1 }
    const fails = this.writes++ === at
    if (fails) this.#failing.abort()
    if (!fails || flavour !== 'lost') {
      await run()
      this.#steps.push({ ops, sync: sync && !(fails && flavour === 'power') })
    }
    if (fails) throw new LedgermeshError('STORE_FAILED', 'the write has an unknown outcome: injected')
  }

  async compact(range: KeyRange): Promise<void> {
    if (this.failed) throw new LedgermeshError('STORE_FAILED', 'an earlier write failed with unknown outcome')
    await this.#inner.compact(range)
  }

  async sizeOf(range: KeyRange): Promise<number> {
    return await this.#inner.sizeOf(range)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    await this.#inner.close()
    if (!this.failed) return
    if (this.#fault?.flavour === 'power') await this.#losePower()
    const store = await openStoreAsIs(this.#dir, { log: this.#log })
    await store.write(uncleanOps(), { sync: true })
    await store.close()
  }

  /** What the disk held at the last sync, and some of the rest. */
  async #losePower(): Promise<void> {
    const synced = this.#steps.findLastIndex(({ sync }) => sync) + 1
    const kept = synced + Math.floor((this.#fault!.survives ?? 0) * (this.#steps.length - synced + 1))
    const db = await openLevel(this.#dir)
    await db.clear()
    await db.batch(this.#base.map(([key, value]) => ({ type: 'put', key, value })))
    for (const { ops } of this.#steps.slice(0, kept))
      await db.batch(ops as { type: 'put'; key: Buffer; value: Buffer }[])
    await db.close()
  }

  async get(key: Uint8Array): Promise<Buffer | undefined> {
    return await this.#inner.get(key)
  }

  async getMany(keys: Uint8Array[]): Promise<(Buffer | undefined)[]> {
    return await this.#inner.getMany(keys)
  }

  async all(range: RowRange): Promise<Row[]> {
    return await this.#inner.all(range)
  }

  rows(range: RowRange): Rows {
    return this.#inner.rows(range)
  }

  async keys(range: RowRange): Promise<Buffer[]> {
    return await this.#inner.keys(range)
  }
}
