/**
 * The Merkle tree of one ledger over its entry hashes (RFC 6962). Only the nodes at levels 8, 16 and 24 are stored:
 * each in the batch of the entry that completes it, beside the lowest and highest timestamp below it, which lets a
 * query by time skip it. Leaves are recomputed from the entries.
 */
import { hash as nodeHash } from 'node:crypto'
import { LedgermeshError } from '../../core/errors.js'
import { fromHex, type Hash } from '../../core/hash.js'
import { HASH_BYTES } from '../../core/limits.js'
import { tileKey } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from './entry-reader.js'
import { readEntryBytes, parseStored } from './records.js'

/** Levels between stored nodes: a tile has 2^8 children. */
const TILE_LEVELS = 8
export const TILE_WIDTH = 2 ** TILE_LEVELS
export const STORED_LEVELS = [8, 16, 24] as const
const TIME_BYTES = 6
/** The first byte of what an inner node is the hash of. */
const NODE = 1

export interface Tile {
  hash: Buffer
  earliest: number
  latest: number
}
/** Children of the tile that is not complete yet. */
interface Open {
  children: Buffer[]
  earliest: number
  latest: number
}

export class Tree {
  readonly #store: Store
  readonly #reader: EntryReader
  /** One for each stored level; null until the first entry is written. */
  #open: Open[] | null = null

  constructor(store: Store, reader: EntryReader) {
    this.#store = store
    this.#reader = reader
  }

  /** Reads the incomplete tiles after `size` entries. Throws STORE_DAMAGED. */
  async load(size: number): Promise<void> {
    if (this.#open !== null) return
    const open = STORED_LEVELS.map(() => emptyTile())
    const from = size - (size % TILE_WIDTH)
    for await (const chunk of this.#reader.scan(from, size))
      for (const { seq, value } of chunk) {
        const { header, hash } = readEntryBytes(value, seq)
        addChild(open[0]!, fromHex(hash) as Buffer, parseStored(header, seq).timestamp)
      }
    if (open[0]!.children.length !== size % TILE_WIDTH)
      throw new LedgermeshError('STORE_DAMAGED', `entries between ${from} and ${size} are missing`)
    for (let i = 1; i < STORED_LEVELS.length; i++) {
      const end = Math.floor(size / TILE_WIDTH ** i)
      const start = end - (end % TILE_WIDTH)
      for (const tile of await this.tiles(STORED_LEVELS[i - 1]!, start, end)) addTile(open[i]!, tile)
    }
    this.#open = open
  }

  /** A tree without entries, for a rebuild. */
  start(): void {
    this.#open = STORED_LEVELS.map(() => emptyTile())
  }

  /** Forgets the incomplete tiles: they will be read again. */
  reset(): void {
    this.#open = null
  }

  /** Adds the next leaf and returns the nodes that it completes. */
  push(hash: Hash, seq: number, timestamp: number): Op[] {
    const open = this.#open!
    addChild(open[0]!, fromHex(hash) as Buffer, timestamp)
    if (open[0]!.children.length < TILE_WIDTH) return []
    const ops: Op[] = []
    for (const [i, level] of STORED_LEVELS.entries()) {
      const full = open[i]!
      if (full.children.length < TILE_WIDTH) break
      const tile = { hash: foldTile(full.children), earliest: full.earliest, latest: full.latest }
      ops.push({
        type: 'put',
        key: tileKey(this.#reader.ledgerNumber, level, Math.floor(seq / 2 ** level)),
        value: encodeTile(tile)
      })
      open[i] = emptyTile()
      if (i + 1 < STORED_LEVELS.length) addTile(open[i + 1]!, tile)
    }
    return ops
  }

  /** The stored nodes start ≤ index < end of a level. Throws STORE_DAMAGED when one is missing. */
  async tiles(level: number, start: number, end: number): Promise<Tile[]> {
    if (start >= end) return []
    const rows = await this.#store.all({
      gte: tileKey(this.#reader.ledgerNumber, level, start),
      lt: tileKey(this.#reader.ledgerNumber, level, end)
    })
    if (rows.length !== end - start)
      throw new LedgermeshError('STORE_DAMAGED', `tree nodes of level ${level} are missing`)
    return rows.map(([, value]) => decodeTile(value))
  }
}

function emptyTile(): Open {
  return { children: [], earliest: Number.MAX_SAFE_INTEGER, latest: 0 }
}

function addChild(open: Open, hash: Buffer, timestamp: number): void {
  open.children.push(hash)
  if (timestamp < open.earliest) open.earliest = timestamp
  if (timestamp > open.latest) open.latest = timestamp
}

function addTile(open: Open, tile: Tile): void {
  open.children.push(tile.hash)
  open.earliest = Math.min(open.earliest, tile.earliest)
  open.latest = Math.max(open.latest, tile.latest)
}

/**
 * The root over a full tile's children. In one buffer, level over level, and through texts: `hash` makes one in a third of
 * the time that a buffer takes.
 */
export function foldTile(children: readonly Uint8Array[]): Buffer {
  const nodes = Buffer.concat(children)
  const node = Buffer.allocUnsafe(1 + 2 * HASH_BYTES)
  node[0] = NODE
  for (let count = children.length; count > 1; count /= 2)
    for (let i = 0; i < count; i += 2) {
      node.set(nodes.subarray(i * HASH_BYTES, (i + 2) * HASH_BYTES), 1)
      nodes.write(nodeHash('sha256', node, 'binary'), (i / 2) * HASH_BYTES, 'binary')
    }
  return Buffer.from(nodes.subarray(0, HASH_BYTES)) // a copy: the rest is not kept
}

export function encodeTile({ hash, earliest, latest }: Tile): Buffer {
  const value = Buffer.allocUnsafe(HASH_BYTES + 2 * TIME_BYTES)
  value.set(hash)
  value.writeUIntBE(earliest, HASH_BYTES, TIME_BYTES)
  value.writeUIntBE(latest, HASH_BYTES + TIME_BYTES, TIME_BYTES)
  return value
}

export function decodeTile(value: Buffer): Tile {
  if (value.length !== HASH_BYTES + 2 * TIME_BYTES)
    throw new LedgermeshError('STORE_DAMAGED', 'a stored tree node has the wrong size')
  return {
    hash: value.subarray(0, HASH_BYTES),
    earliest: value.readUIntBE(HASH_BYTES, TIME_BYTES),
    latest: value.readUIntBE(HASH_BYTES + TIME_BYTES, TIME_BYTES)
  }
}
