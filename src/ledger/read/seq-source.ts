/** Ascending or descending seqs of one ledger that may match one part of a filter, with skipping. */
import { nameRange, seqOf, SEQ_END, type PostingFamily } from '../../store/keys.js'
import { decodePosting } from '../../store/posting.js'
import type { Rows, Store } from '../../store/store.js'
import { STORED_LEVELS, TILE_WIDTH, type Tree } from './tree.js'

export interface SeqSource {
  /** The approximate share of the entries around `seq` that it contains: 0 to 1. Called first, before any seek. */
  density: (seq: number) => Promise<number>
  /** The first seq at or after `seq` in the source's direction; null: no more. Calls must go in that direction. */
  seek: (seq: number) => Promise<number | null>
  close: () => Promise<void>
}

/** Blocks read at a time: few at first, because most pages are small, then more each time. */
const FIRST_BLOCKS = 4
const MAX_BLOCKS = 256
/** Added to the span of a short list, so that a single entry does not look dense. */
const SPARSE_SPAN = 16
/** Seqs to read past; beyond this a new seek in the store is cheaper. */
const SEEK_DISTANCE = 4096

/** The entries with one value of stream, type, issuer, subject or id, or with a reference to one target. */
export class PostingSource implements SeqSource {
  readonly #store: Store
  readonly #ledgerNumber: number
  readonly #family: PostingFamily | 'id'
  readonly #value: string
  readonly #descending: boolean
  #rows: Rows | null = null
  #seqs: number[] = []
  #at = 0
  #chunk = FIRST_BLOCKS
  #ended = false

  constructor(store: Store, ledgerNumber: number, family: PostingFamily | 'id', value: string, descending: boolean) {
    this.#store = store
    this.#ledgerNumber = ledgerNumber
    this.#family = family
    this.#value = value
    this.#descending = descending
  }

  async density(seq: number): Promise<number> {
    await this.#open(seq)
    await this.#more()
    const last = this.#seqs.at(-1)
    return last === undefined ? 0 : this.#seqs.length / (Math.abs(last - this.#seqs[0]!) + SPARSE_SPAN)
  }

  async seek(seq: number): Promise<number | null> {
    // Once: a second jump would find the same block as the first one.
    let jumped = this.#rows === null
    if (jumped) await this.#open(seq)
    for (;;) {
      while (this.#at < this.#seqs.length) {
        const candidate = this.#seqs[this.#at]!
        if (this.#descending ? candidate <= seq : candidate >= seq) return candidate
        this.#at++
      }
      if (this.#ended) return null
      const last = this.#seqs.at(-1)
      if (!jumped && last !== undefined && Math.abs(seq - last) > SEEK_DISTANCE) {
        jumped = true
        await this.#open(seq)
      }
      await this.#more()
    }
  }

  async close(): Promise<void> {
    await this.#rows?.close()
  }

  /**
   * A block holds seqs from its key on: going up, the first block of interest is the last one that starts at or before
   * `seq`.
   */
  async #open(seq: number): Promise<void> {
    await this.#rows?.close()
    this.#seqs = []
    this.#at = 0
    if (this.#descending) {
      this.#rows = this.#store.rows({
        ...nameRange(this.#family, this.#ledgerNumber, this.#value, 0, seq + 1),
        reverse: true
      })
      return
    }
    const [before] = await this.#store.keys({
      ...nameRange(this.#family, this.#ledgerNumber, this.#value, 0, seq + 1),
      reverse: true,
      limit: 1
    })
    this.#rows = this.#store.rows(
      nameRange(this.#family, this.#ledgerNumber, this.#value, before === undefined ? seq : seqOf(before), SEQ_END)
    )
  }

  async #more(): Promise<void> {
    const rows = await this.#rows!.next(this.#chunk)
    this.#chunk = Math.min(this.#chunk * 4, MAX_BLOCKS)
    this.#ended = rows.length === 0
    this.#seqs = []
    this.#at = 0
    for (const [key, block] of rows) {
      const seqs = decodePosting(seqOf(key), block)
      if (this.#descending) seqs.reverse()
      for (const seq of seqs) this.#seqs.push(seq)
    }
  }
}

/** All seqs but those of subtrees in which no timestamp is within from ≤ t < to. */
export class TimeSource implements SeqSource {
  readonly #tree: Tree
  readonly #size: number
  readonly #from: number
  readonly #to: number
  readonly #descending: boolean
  /** The tiles below the last node read of each level: parent index → which children may match. */
  readonly #cache = new Map<number, { parent: number; may: boolean[] }>()

  /** The smallest tile that was found to have possible matches. */
  #passed = { from: 0, to: 0 }

  constructor(tree: Tree, size: number, from: number, to: number, descending: boolean) {
    this.#tree = tree
    this.#size = size
    this.#from = from
    this.#to = to
    this.#descending = descending
  }

  density(): Promise<number> {
    return Promise.resolve(0) // a seek costs next to nothing
  }

  async seek(seq: number): Promise<number | null> {
    if (seq >= this.#passed.from && seq < this.#passed.to) return seq
    let position = seq
    again: while (position >= 0 && position < this.#size) {
      for (const level of STORED_LEVELS.toReversed()) {
        const width = 2 ** level
        const index = Math.floor(position / width)
        if ((index + 1) * width > this.#size || (await this.#mayMatch(level, index))) continue
        position = this.#descending ? index * width - 1 : (index + 1) * width
        continue again
      }
      const from = position - (position % TILE_WIDTH)
      this.#passed = { from, to: Math.min(from + TILE_WIDTH, this.#size) }
      return position
    }
    return null
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Complete tiles only. */
  async #mayMatch(level: number, index: number): Promise<boolean> {
    const parent = Math.floor(index / TILE_WIDTH)
    let cached = this.#cache.get(level)
    if (cached?.parent !== parent) {
      const tiles = await this.#tree.tiles(
        level,
        parent * TILE_WIDTH,
        Math.min((parent + 1) * TILE_WIDTH, Math.floor(this.#size / 2 ** level))
      )
      cached = { parent, may: tiles.map(({ earliest, latest }) => latest >= this.#from && earliest < this.#to) }
      this.#cache.set(level, cached)
    }
    return cached.may[index - parent * TILE_WIDTH] ?? true
  }
}
