/**
 * The index lmx1 of one ledger on the disk, derived from its entries (I8). It grows behind the commits, a batch at a
 * time; each batch is atomic, so what is stored is always the index of some size. What it was at the last `pin` can be
 * read beside the newest state: the pages of one answer are of one index.
 */
import type { IndexSource } from '../../core/lmx1/index-source.js'
import { KeyMemo } from '../../core/lmx1/posting.js'
import type { IndexRoot } from '../../core/lmx1/verify-index.js'
import { Mutex } from '../../core/mutex.js'
import { indexNodeKey } from '../../store/index-keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { dropIndex } from './drop-index.js'
import { growIndex } from './grow-index.js'
import type { IndexThread } from './index-thread.js'
import { MapTop } from './map-top.js'
import { SlotSizes } from './slot-sizes.js'
import { loadIndex } from './load-index.js'
import { storedSource } from './stored-source.js'

/** Entries of one batch. */
const CHUNK = 4096
/** The same while others need the time more. */
const SMALL_CHUNK = 256

/** How fast an index may grow. */
export interface Pace {
  /** Ends it early. */
  isOver: () => boolean
  /** Do others need the time? */
  isBusy: () => boolean
  /** Awaited after each batch, while the index can be read. */
  rest: () => Promise<void>
}

export const AT_ONCE: Pace = { isOver: () => false, isBusy: () => false, rest: () => Promise.resolve() }

export interface StoredIndexInit {
  store: Store
  ledgerNumber: number
  reader: EntryReader
  /** Where it grows; null: here, a batch at a time. */
  thread: IndexThread | null
}

export class StoredIndex {
  readonly #init: StoredIndexInit
  readonly #mutex = new Mutex()
  readonly #memo = new KeyMemo()
  #top = new MapTop()
  #sizes = new SlotSizes()
  #newest: IndexRoot | null = null
  #pinned: IndexRoot | null = null
  #isLoaded = false

  constructor(init: StoredIndexInit) {
    this.#init = init
  }

  /** Entries that it covers; 0 before it was loaded. */
  get size(): number {
    return this.#newest?.size ?? 0
  }

  /** Null: it covers nothing, or is not loaded. */
  get newest(): IndexRoot | null {
    return this.#newest
  }

  /**
   * Reads what is there. What is not the index of the first entries of this ledger is dropped. `held`: how many entries
   * the ledger has. Throws STORE_DAMAGED for damaged entries.
   */
  async load(held: number): Promise<void> {
    await this.#mutex.run(async () => {
      const { store, ledgerNumber, reader } = this.#init
      if (this.#isLoaded) return
      const loaded = await loadIndex(store, ledgerNumber)
      const isSame = loaded !== null && loaded.size <= held && (await reader.one(loaded.size - 1))?.hash === loaded.head
      if (!isSame) await this.#clear()
      else {
        ;[this.#top, this.#sizes] = [loaded.top, loaded.sizes]
        this.#newest = { size: loaded.size, root: loaded.root }
      }
      this.#isLoaded = true
    })
  }

  /**
   * Takes the entries up to `size`. Other work runs in between. Throws STORE_DAMAGED for damaged entries, and for a
   * damaged index: then `drop` it.
   */
  async advance(size: number, pace: Pace = AT_ONCE): Promise<void> {
    while (this.size < size && !pace.isOver()) {
      const to = Math.min(this.size + (pace.isBusy() ? SMALL_CHUNK : CHUNK), size)
      await this.#step(to)
      await pace.rest()
    }
  }

  /** From now on the present size stays readable until the next `pin`; the one before does not. */
  async pin(): Promise<void> {
    await this.#mutex.run(async () => {
      const { store, ledgerNumber } = this.#init
      const ops = this.#sizes.pin(this.size).map(({ slot, size }): Op => ({
        type: 'del',
        key: indexNodeKey(ledgerNumber, slot, size)
      }))
      this.#top.pin()
      this.#pinned = this.newest
      if (ops.length > 0) await store.write(ops, { sync: false })
    })
  }

  /** Is the index of this size, with this root, there to be read? */
  has({ size, root }: IndexRoot): boolean {
    return [this.newest, this.#pinned].some((one) => one?.size === size && one.root === root)
  }

  /** Reads the index of a size, while nothing changes. Null: that size is not there. Throws STORE_DAMAGED. */
  async read<T>(size: number, use: (source: IndexSource) => Promise<T>): Promise<T | null> {
    return await this.#mutex.run(async () => {
      const isOld = this.#pinned?.size === size
      if (!isOld && this.newest?.size !== size) return null
      const { store, ledgerNumber } = this.#init
      return await use(storedSource({ store, ledgerNumber, size, isOld, top: this.#top, sizes: this.#sizes }))
    })
  }

  /** Waits for those who read. Nothing can be read afterwards. */
  async close(): Promise<void> {
    await this.#mutex.run(() => {
      this.#forget()
    })
  }

  /** Deletes all of it: it is built anew. */
  async drop(): Promise<void> {
    await this.#mutex.run(async () => {
      await this.#clear()
    })
  }

  #forget(): void {
    this.#top = new MapTop()
    this.#sizes = new SlotSizes()
    this.#newest = null
    this.#pinned = null
    this.#isLoaded = false
  }

  async #clear(): Promise<void> {
    const { store, ledgerNumber } = this.#init
    this.#forget()
    await dropIndex(store, ledgerNumber)
    this.#isLoaded = true
  }

  async #step(to: number): Promise<void> {
    const { thread } = this.#init
    try {
      if (thread === null) await this.#mutex.run(async () => await this.#growHere(to))
      else await this.#growThere(thread, to)
    } catch (error) {
      // What is in memory is half of it: it has to be read again.
      await this.#mutex.run(() => {
        this.#forget()
      })
      throw error
    }
  }

  async #growHere(to: number): Promise<void> {
    const { store, ledgerNumber, reader } = this.#init
    const state = { size: this.size, top: this.#top, sizes: this.#sizes }
    const { root } = await growIndex({ store, ledgerNumber, reader, memo: this.#memo }, state, to)
    this.#newest = { size: to, root }
  }

  /** What is read meanwhile is the index as it was: rows that it needs are deleted with the next step. */
  async #growThere(thread: IndexThread, to: number): Promise<void> {
    const { ledgerNumber } = this.#init
    const [top, sizes, from] = [this.#top, this.#sizes, this.size]
    const step = { ledgerNumber, from, to, pinned: sizes.pinned }
    const { root, slots, nodes } = await thread.grow(step, () => ({ ...top.copy(), sizes: sizes.copy() }))
    await this.#mutex.run(() => {
      if (this.#top !== top) return // it was closed, or dropped
      for (const slot of slots) sizes.grow(slot, to)
      top.take(nodes)
      this.#newest = { size: to, root }
    })
  }
}
