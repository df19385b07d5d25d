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
const INNER = Buffer.of(0x13)

/** What is below a node: nothing, one leaf (whose hash stands for it), or more. */
export const BELOW = { nothing: 0, leaf: 1, more: 2 } as const

export interface TopNode {
  below: number
  hash: Buffer
}

export class MapTop {
  /** By place: 1 is the root, 2i and 2i + 1 are below i. */
  readonly #hashes = Buffer.alloc(2 * SLOTS * HASH_BYTES)
  readonly #below = new Uint8Array(2 * SLOTS)
  /** Nodes that have changed since, as they were; null: nothing is pinned. */
  #was: Map<number, TopNode> | null = null

  /** From now on `old` means what is here now. */
  pin(): void {
    this.#was = new Map()
  }

  node(place: number, old: boolean): TopNode {
    const was = old ? this.#was?.get(place) : undefined
    return (
      was ?? { below: this.#below[place]!, hash: this.#hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES) }
    )
  }

  root(old: boolean): Buffer {
    return this.node(1, old).hash
  }

  /** Sets slots, and computes all that is above them; other work runs in between. */
  async set(slots: ReadonlyMap<number, TopNode>): Promise<void> {
    let done = 0
    let places = new Set<number>()
    for (const [slot, node] of slots) {
      this.#put(SLOTS + slot, node)
      places.add((SLOTS + slot) >> 1)
    }
    for (let depth = SLOT_BITS; depth > 0; depth--) {
      const above = new Set<number>()
      for (const place of places) {
        this.#put(place, joined(this.node(2 * place, false), this.node(2 * place + 1, false)))
        if (place > 1) above.add(place >> 1)
        if (++done % STRIDE === 0) await setImmediate()
      }
      places = above
    }
  }

  #put(place: number, { below, hash }: TopNode): void {
    if (this.#was?.has(place) === false) {
      const was = this.node(place, false)
      this.#was.set(place, { below: was.below, hash: Buffer.from(was.hash) })
    }
    this.#below[place] = below
    this.#hashes.set(hash, place * HASH_BYTES)
  }
}

function joined(left: TopNode, right: TopNode): TopNode {
  if (left.below === BELOW.nothing && right.below !== BELOW.more) return right
  if (right.below === BELOW.nothing && left.below !== BELOW.more) return left
  return { below: BELOW.more, hash: sha256('sha256', Buffer.concat([INNER, left.hash, right.hash]), 'buffer') }
}
