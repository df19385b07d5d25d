/** Reads one list of a stored index, as far as it is needed. */
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import { toHex } from '../../core/hash.js'
import type { ListSource } from '../../core/lmx1/index-source.js'
import { joinRefs, leafRef, type ListRef } from '../../core/lmx1/list.js'
import { POSTING_DIGITS, type Posting } from '../../core/lmx1/posting.js'
import { largestPowerBelow } from '../../core/merkle.js'
import { indexListRange } from '../../store/index-keys.js'
import { seqOf } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { GROUP } from './growing-list.js'
import type { StoredLeaf } from './leaf-rows.js'

/** Levels between two that are stored. */
const GROUP_LEVELS = 8

/** Neighbours of one level, and the perfect subtrees over them, by level. */
type Group = ListRef[][]

export class StoredList implements ListSource {
  readonly count: number
  readonly #store: Store
  readonly #ledgerNumber: number
  readonly #key: Hash
  readonly #only: Posting | null
  readonly #postings = new Map<number, Posting[]>()
  readonly #groups = new Map<string, Group>()

  constructor(store: Store, ledgerNumber: number, { key, count, posting }: StoredLeaf) {
    this.#store = store
    this.#ledgerNumber = ledgerNumber
    this.#key = key
    this.#only = posting
    this.count = count
  }

  /** Throws STORE_DAMAGED. */
  async posting(position: number): Promise<Posting> {
    const group = Math.floor(position / GROUP)
    return (await this.#postingsOf(group))[position - group * GROUP]!
  }

  /** Throws STORE_DAMAGED. */
  async ref(start: number, width: number): Promise<ListRef> {
    if (width === 1) return leafRef(await this.posting(start))
    const left = largestPowerBelow(width)
    if (left * 2 !== width) return joinRefs(await this.ref(start, left), await this.ref(start + left, width - left))
    const level = Math.log2(width)
    const base = Math.floor(level / GROUP_LEVELS) * GROUP_LEVELS
    const index = start / width
    const group = Math.floor(start / 2 ** (base + GROUP_LEVELS))
    const place = index - group * 2 ** (base + GROUP_LEVELS - level)
    return (await this.#group(base, group))[level - base]![place]!
  }

  async #group(base: number, group: number): Promise<Group> {
    const name = `${base}/${group}`
    let found = this.#groups.get(name)
    if (found === undefined) this.#groups.set(name, (found = subtreesOf(await this.#children(base, group))))
    return found
  }

  /** The complete children, in their order. */
  async #children(base: number, group: number): Promise<ListRef[]> {
    if (base === 0) return (await this.#postingsOf(group)).map(leafRef)
    const from = group * GROUP
    const to = Math.min(from + GROUP, Math.floor(this.count / 2 ** base))
    const rows = await this.#store.all(indexListRange(this.#ledgerNumber, this.#key, base, { from, to }))
    if (rows.length !== to - from) throw damaged(this.#key)
    return rows.map(([, value]) => toHex(value))
  }

  async #postingsOf(group: number): Promise<Posting[]> {
    let found = this.#postings.get(group)
    if (found === undefined) this.#postings.set(group, (found = await this.read(group)))
    return found
  }

  /** The postings of a group of 256 positions, as many as the list has. Throws STORE_DAMAGED. */
  async read(group: number): Promise<Posting[]> {
    if (this.#only !== null) return [this.#only]
    const from = group * GROUP
    const to = Math.min(from + GROUP, this.count)
    let found: Posting[] = []
    for (const [key, value] of await this.#store.all(indexListRange(this.#ledgerNumber, this.#key, 0, { from, to }))) {
      if (seqOf(key) !== from + found.length) throw damaged(this.#key)
      const digits = toHex(value)
      for (let at = 0; at < digits.length; at += POSTING_DIGITS) found.push(digits.slice(at, at + POSTING_DIGITS))
    }
    found = found.slice(0, to - from) // an index of a smaller size has fewer
    if (found.length !== to - from || found.some((posting) => posting.length !== POSTING_DIGITS))
      throw damaged(this.#key)
    return found
  }
}

function subtreesOf(children: ListRef[]): Group {
  const levels = [children]
  for (let below = children; below.length > 1;) {
    const above: ListRef[] = []
    for (let at = 0; at + 1 < below.length; at += 2) above.push(joinRefs(below[at]!, below[at + 1]!))
    levels.push(above)
    below = above
  }
  return levels
}

function damaged(key: Hash): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', `the stored list ${key} of an index cannot be read`)
}
