/**
 * The index lmx1 of one ledger on the disk, derived from its entries (I8). It grows behind the commits, a batch at a
 * time; each batch is atomic, so what is stored is always the index of some size. What it was at the last `pin` can be
 * read beside the newest state: the pages of one answer are of one index.
 */
import { setImmediate } from 'node:timers/promises'
import { LedgermeshError } from '../../core/errors.js'
import { toHex, type Hash } from '../../core/hash.js'
import type { IndexSource } from '../../core/lmx1/index-source.js'
import { hashIndex } from '../../core/lmx1/map.js'
import { postedOf, type Posting } from '../../core/lmx1/posting.js'
import type { IndexRoot } from '../../core/lmx1/verify-index.js'
import { Mutex } from '../../core/mutex.js'
import { indexNodeKey, indexRootKey, indexSlotKey } from '../../store/index-keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored } from '../read/records.js'
import { decodeLeaves, encodeLeaves, slotOf, type StoredLeaf } from './leaf-rows.js'
import { dropIndex } from './drop-index.js'
import { growLeaf } from './grow-leaf.js'
import { MapTop, type TopNode } from './map-top.js'
import { encodeRoot } from './root-row.js'
import { SlotSizes } from './slot-sizes.js'
import { loadIndex } from './load-index.js'
import { storedSource } from './stored-source.js'
import { encodeTop, topOf } from './top-node.js'

/** Entries of one batch. */
const CHUNK = 2048
/** Of them, or of the rows that they change, after so many other work runs. */
const STRIDE = 128

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

const AT_ONCE: Pace = { isOver: () => false, isBusy: () => false, rest: () => Promise.resolve() }

export interface StoredIndexInit {
  store: Store
  ledgerNumber: number
  reader: EntryReader
}

export class StoredIndex {
  readonly #init: StoredIndexInit
  readonly #mutex = new Mutex()
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
      await this.#mutex.run(async () => {
        try {
          await this.#grow(to)
        } catch (error) {
          // What is in memory is half of it: it has to be read again.
          this.#forget()
          throw error
        }
      })
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

  async #grow(to: number): Promise<void> {
    const { store, ledgerNumber, reader } = this.#init
    const { lists, head } = await postingsOf(reader, this.size, to)
    const slots = Map.groupBy(lists.keys(), slotOf)
    const ops: Op[] = []
    const tops = new Map<number, TopNode>()
    const old = [...slots.keys()].filter((slot) => this.#sizes.of(slot, false) > 0)
    const keys = old.map((slot) => indexNodeKey(ledgerNumber, slot, this.#sizes.of(slot, false)))
    const rows = new Map((await store.getMany(keys)).map((row, at) => [old[at]!, row]))
    for (const [slot, added] of slots) {
      if (rows.has(slot) && rows.get(slot) === undefined)
        throw new LedgermeshError('STORE_DAMAGED', 'leaves of an index are missing')
      const leaves = new Map<Hash, StoredLeaf>()
      for (const leaf of decodeLeaves(slot, rows.get(slot) ?? Buffer.alloc(0))) leaves.set(leaf.key, leaf)
      for (const key of added)
        leaves.set(key, growLeaf(ledgerNumber, key, leaves.get(key) ?? null, lists.get(key)!, ops))
      ops.push({ type: 'put', key: indexNodeKey(ledgerNumber, slot, to), value: encodeLeaves(leaves.values()) })
      const gone = this.#sizes.grow(slot, to)
      if (gone !== null) ops.push({ type: 'del', key: indexNodeKey(ledgerNumber, slot, gone) })
      const top = topOf([...leaves.values()])
      ops.push({ type: 'put', key: indexSlotKey(ledgerNumber, slot), value: encodeTop(top) })
      tops.set(slot, top)
      if (tops.size % STRIDE === 0) await setImmediate()
    }
    await this.#top.set(tops)
    const root = hashIndex(to, toHex(this.#top.root(false)))
    ops.push({ type: 'put', key: indexRootKey(ledgerNumber), value: encodeRoot({ size: to, root, head }) })
    await store.write(ops, { sync: false })
    this.#newest = { size: to, root }
  }
}

/** What entries `from` ≤ seq < `to` add to the lists, and the hash of the last one. Throws STORE_DAMAGED. */
async function postingsOf(
  reader: EntryReader,
  from: number,
  to: number
): Promise<{ lists: Map<Hash, Posting[]>; head: Hash }> {
  const lists = new Map<Hash, Posting[]>()
  let [next, head] = [from, '']
  for await (const rows of reader.scan(from, to, STRIDE)) {
    for (const { seq, value } of rows) {
      if (seq !== next) throw new LedgermeshError('STORE_DAMAGED', `entry ${next} is not in the store`, { seq: next })
      const entry = decodeStored(value, seq)
      const { posting, keys } = postedOf(entry.header)
      for (const key of keys) {
        const list = lists.get(key)
        if (list === undefined) lists.set(key, [posting])
        else list.push(posting)
      }
      next++
      head = entry.hash
    }
    await setImmediate()
  }
  if (next !== to) throw new LedgermeshError('STORE_DAMAGED', `entry ${next} is not in the store`, { seq: next })
  return { lists, head }
}
