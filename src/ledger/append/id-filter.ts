/**
 * Tells which ids a ledger certainly does not hold, because looking one up in the store takes longer than signing an
 * entry. A Bloom filter: complete at once for a new ledger, otherwise filled from the id index in the background as soon
 * as the look-ups have cost what that costs.
 */
import { isCoded } from '../../core/errors.js'
import type { Log } from '../../ports.js'
import { ledgerRange, nameOf } from '../../store/keys.js'
import type { Rows, Store } from '../../store/store.js'

/** Ids that are looked up in the store before a filter of a large ledger is made. */
export const LOOKUPS_BEFORE = 256
/** Ids that are read from the index in about the time of one look-up. */
const READ_PER_LOOKUP = 64
/** Bits per id, and how many of them an id sets: one in 400 ids that are not held is looked up nevertheless. */
const BITS_PER_ID = 16
const HASHES = 4
/** Ids that the smallest filter has room for. */
const MIN_IDS = 65_536
/** Ids read at a time. */
const CHUNK = 1024

export class IdFilter {
  readonly #store: Store
  readonly #log: Log
  readonly #ledgerNumber: number
  /** Null: no filter has been made yet. */
  #bits: Uint32Array | null = null
  #complete = false
  #room = 0
  #asked = 0
  #reading: Promise<void> = Promise.resolve()

  constructor(store: Store, log: Log, ledgerNumber: number) {
    this.#store = store
    this.#log = log
    this.#ledgerNumber = ledgerNumber
  }

  /** The ledger has no entry yet, so nothing has to be read. */
  startEmpty(): void {
    this.#allocate(0)
    this.#complete = true
  }

  /**
   * False: no entry below `size` has this id. Call it while nothing is being written: it may start to build a filter.
   */
  mayHold(id: string, size: number): boolean {
    if (this.#complete) return this.#has(id)
    if (this.#bits === null && ++this.#asked > Math.min(LOOKUPS_BEFORE, size / READ_PER_LOOKUP)) this.#begin(size)
    return true
  }

  /** To be called before the entry with this id is written. */
  add(id: string): void {
    if (this.#bits === null) return
    if (this.#room-- > 0) this.#set(id)
    else this.reset()
  }

  /** Forgets everything: the index may hold other ids now. */
  reset(): void {
    this.#bits = null
    this.#complete = false
    this.#asked = 0
  }

  async stop(): Promise<void> {
    this.reset()
    await this.#reading
  }

  #begin(size: number): void {
    this.#reading = this.#read(this.#allocate(size), this.#store.rows(ledgerRange('id', this.#ledgerNumber)))
  }

  #allocate(size: number): Uint32Array {
    const ids = 2 ** Math.ceil(Math.log2(Math.max(2 * size, MIN_IDS)))
    this.#room = ids - size
    return (this.#bits = new Uint32Array((ids * BITS_PER_ID) / 32))
  }

  async #read(bits: Uint32Array, rows: Rows): Promise<void> {
    try {
      for (let read = await rows.next(CHUNK); this.#bits === bits; read = await rows.next(CHUNK)) {
        for (const [key] of read) this.#set(nameOf(key))
        if (read.length > 0) continue
        this.#complete = true
        break
      }
    } catch (error) {
      if (!isCoded(error, 'CLOSED'))
        this.#log.warn(
          { event: 'ledger.id-filter-failed', error },
          'entry ids could not be loaded; each is looked up instead'
        )
      if (this.#bits === bits) this.reset()
    } finally {
      await rows.close()
    }
  }

  #set(id: string): void {
    const bits = this.#bits!
    for (const bit of bitsOf(id, bits.length)) bits[bit >>> 5]! |= 1 << (bit & 31)
  }

  #has(id: string): boolean {
    const bits = this.#bits!
    return bitsOf(id, bits.length).every((bit) => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0)
  }
}

/** All hashes are derived from two (FNV-1a, and a multiplication by 31). `words`: a power of two. */
function bitsOf(id: string, words: number): number[] {
  let first = 0x811c9dc5
  let second = 0
  for (let i = 0; i < id.length; i++) {
    const unit = id.charCodeAt(i)
    first = Math.imul(first ^ unit, 0x01000193)
    second = (Math.imul(second, 31) + unit) | 0
  }
  second = Math.imul(second ^ (second >>> 15), 0x2c1b3c6d) | 1
  first ^= first >>> 15
  const bits: number[] = []
  for (let i = 0; i < HASHES; i++, first = (first + second) | 0) bits.push((first & (words * 32 - 1)) >>> 0)
  return bits
}
