/** Authors who lie about their own entries: what their indexes say. */
import type { Header } from '../../../src/core/header.js'
import type { IndexSnapshot } from '../../../src/core/lmx1/index-builder.js'
import { joinRefs, leafRef, PostingList } from '../../../src/core/lmx1/list.js'
import { indexKey, postedOf, u48, type Posted } from '../../../src/core/lmx1/posting.js'
import { largestPowerBelow } from '../../../src/core/merkle.js'
import type { Dice } from '../../helpers/dice.js'

/** What an author who lies says of some of his entries. */
export const LIES: ((said: Posted, header: Header, roll: Dice) => Posted)[] = [
  ({ posting, keys }, _header, roll) => ({ posting, keys: keys.filter(() => roll() < 0.5) }),
  ({ posting, keys }) => ({ posting: `${posting.slice(0, 24)}${'0'.repeat(32)}`, keys }),
  ({ posting, keys }) => ({ posting: `${posting.slice(0, 12)}${u48(1)}${posting.slice(24)}`, keys }),
  ({ posting, keys }, { seq }) => ({
    posting: `${u48(Math.max(0, seq - 1))}${posting.slice(12, 24)}${'0'.repeat(32)}`,
    keys
  }),
  ({ posting }) => ({ posting, keys: [indexKey('all', ''), indexKey('subject', 'p1')] })
]

/** A list of which subtrees of 8, from those positions on, say times that nothing below them has. */
class TimelessList extends PostingList {
  readonly #lies: (start: number) => boolean

  constructor(lies: (start: number) => boolean) {
    super()
    this.#lies = lies
  }

  override ref(start: number, width: number): string {
    if (width < 8) return super.ref(start, width)
    if (width === 8 && !this.#lies(start)) return super.ref(start, width)
    if (width === 8) return `${super.ref(start, width).slice(0, 64)}${u48(0)}${u48(0)}`
    const left = largestPowerBelow(width)
    return joinRefs(this.ref(start, left), this.ref(start + left, width - left))
  }
}

/** An index with nothing but such a list of all entries. */
export function timeless(headers: readonly Header[], lies: (start: number) => boolean = () => true): IndexSnapshot {
  const list = new TimelessList(lies)
  for (const header of headers) {
    const { posting } = postedOf(header)
    list.append({ posting, ref: leafRef(posting) })
  }
  const count = headers.length
  return { size: count, map: { key: indexKey('all', ''), count, list, hash: null } }
}
