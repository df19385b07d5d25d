/**
 * The upper 16 levels of the map of an index, in memory: 2^16 slots and what is above them. It remembers what it was at
 * the moment of `pin`, so that proofs can be made of that one, too.
 */
import { hash as sha256 } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { HASH_BYTES } from '../../core/limits.js'
import { SLOT_BITS, SLOTS } from '../../store/index-keys.js'

/** Nodes that are computed before other work runs. */
const STRIDE = 2048
const HASH_WORDS = HASH_BYTES / 8
/** 0x13 ‖ left ‖ right. */
const INNER = Buffer.alloc(1 + 2 * HASH_BYTES, 0x13)

/** What is below a node: nothing, one leaf (whose hash stands for it), or more. */
export const BELOW = { nothing: 0, leaf: 1, more: 2 } as const

export interface TopNode {
  below: number
  hash: Uint8Array
}

/** All nodes, by place. */
export interface TopCopy {
  hashes: Uint8Array<ArrayBuffer>
  below: Uint8Array<ArrayBuffer>
}

/** Some nodes: one after the other. */
export interface TopNodes {
  places: Uint32Array<ArrayBuffer>
  hashes: Uint8Array<ArrayBuffer>
  below: Uint8Array<ArrayBuffer>
}

export class MapTop {
  /** By place: 1 is the root, 2i and 2i + 1 are below i. */
  readonly #now: Nodes
  /** As it was at the last pin; null: nothing is pinned. */
  #was: Nodes | null = null

  constructor(copy?: TopCopy) {
    this.#now = new Nodes(copy)
  }

  copy(): TopCopy {
    return this.#now.copy()
  }

  /** From now on `old` means what is here now. */
  pin(): void {
    this.#was = new Nodes(this.#now.copy())
  }

  node(place: number, old: boolean): TopNode {
    return (old ? (this.#was ?? this.#now) : this.#now).at(place)
  }

  root(old: boolean): Uint8Array {
    return this.node(1, old).hash
  }

  /** The present ones. */
  nodes(places: readonly number[]): TopNodes {
    const hashes = new Uint8Array(places.length * HASH_BYTES)
    for (const [at, place] of places.entries()) hashes.set(this.#now.at(place).hash, at * HASH_BYTES)
    return {
      places: Uint32Array.from(places),
      hashes,
      below: Uint8Array.from(places, (place) => this.#now.at(place).below)
    }
  }

  /** Nodes that were computed elsewhere. */
  take(nodes: TopNodes): void {
    this.#now.take(nodes)
  }

  /** Sets slots, and computes all that is above them; other work runs in between. Returns what it has set. */
  async set(slots: ReadonlyMap<number, TopNode>): Promise<number[]> {
    const changed: number[] = []
    let places = new Set<number>()
    for (const [slot, node] of slots) {
      this.#now.put(SLOTS + slot, node)
      changed.push(SLOTS + slot)
      places.add((SLOTS + slot) >> 1)
    }
    for (let depth = SLOT_BITS; depth > 0; depth--) {
      const above = new Set<number>()
      for (const place of places) {
        this.#now.put(place, joined(this.node(2 * place, false), this.node(2 * place + 1, false)))
        if (place > 1) above.add(place >> 1)
        if (changed.push(place) % STRIDE === 0) await setImmediate()
      }
      places = above
    }
    return changed
  }
}

/** All nodes, and their hashes as words, too: thousands change at a time. */
class Nodes {
  readonly #hashes: Uint8Array<ArrayBuffer>
  readonly #words: BigUint64Array
  readonly #below: Uint8Array<ArrayBuffer>

  constructor(
    { hashes, below }: TopCopy = { hashes: new Uint8Array(2 * SLOTS * HASH_BYTES), below: new Uint8Array(2 * SLOTS) }
  ) {
    this.#hashes = hashes
    this.#words = new BigUint64Array(hashes.buffer)
    this.#below = below
  }

  copy(): TopCopy {
    return { hashes: new Uint8Array(this.#hashes), below: new Uint8Array(this.#below) }
  }

  at(place: number): TopNode {
    return { below: this.#below[place]!, hash: this.#hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES) }
  }

  put(place: number, { below, hash }: TopNode): void {
    this.#below[place] = below
    this.#hashes.set(hash, place * HASH_BYTES)
  }

  take({ places, hashes, below }: TopNodes): void {
    const words = new BigUint64Array(hashes.buffer)
    for (let at = 0; at < places.length; at++) {
      const place = places[at]!
      this.#below[place] = below[at]!
      for (let word = 0; word < HASH_WORDS; word++)
        this.#words[place * HASH_WORDS + word] = words[at * HASH_WORDS + word]!
    }
  }
}

function joined(left: TopNode, right: TopNode): TopNode {
  if (left.below === BELOW.nothing && right.below !== BELOW.more) return right
  if (right.below === BELOW.nothing && left.below !== BELOW.more) return left
  INNER.set(left.hash, 1)
  INNER.set(right.hash, 1 + HASH_BYTES)
  // As hex: that costs a third of what a new buffer does.
  return { below: BELOW.more, hash: Buffer.from(sha256('sha256', INNER, 'hex'), 'hex') }
}
