/** From an answer that was believed, and the two parts of a subtree that it shows: what convicts if the times are false. */
import type { Header } from '../header.js'
import { largestPowerBelow } from '../merkle.js'
import { bad, placeItems } from './fold.js'
import type { RangeCharge, RangeWay } from './index-charge.js'
import type { IndexProof } from './index-proof.js'
import { isSameTree, joinRefs, type ListRef } from './list.js'
import { postedOf } from './posting.js'

type Pair = RangeWay['pairs'][number]
/** Below here: the ref, and if the lie is below it, the pairs from here down to it. */
interface Below {
  ref: ListRef
  lie: { position: number; pairs: Pair[] } | null
}

/** `proof` is one that `verifyIndexProof` took, with the headers that it had. Throws BAD_PROOF when nothing is false. */
export function accuseRange({ map, run }: IndexProof, headers: ReadonlyMap<number, Header>, parts: Pair): RangeCharge {
  if (map.leaf === null || run === null) throw bad('the list is not shown')
  const shown = placeItems(run, map.leaf.count, (seq) => postedOf(headers.get(seq)!).posting)
  const [first, end] = [run.first, shown.at(-1)!.at + shown.at(-1)!.width]
  const truth = joinRefs(...parts)
  let [used, taken] = [0, 0]
  const shownAs = (ref: ListRef, position: number): Below => ({
    ref,
    lie: isSameTree(ref, truth) && ref !== truth ? { position, pairs: [parts] } : null
  })
  const below = (start: number, width: number): Below => {
    if (start + width <= first || start >= end) return shownAs(run.outside[taken++]!, start)
    const item = shown[used]
    if (item?.at === start && item.width === width) return shownAs(shown[used++]!.ref, start)
    const half = largestPowerBelow(width)
    const left = below(start, half)
    const right = below(start + half, width - half)
    const pair: Pair = [left.ref, right.ref]
    const lie = left.lie ?? right.lie
    return { ref: joinRefs(...pair), lie: lie && { ...lie, pairs: [pair, ...lie.pairs] } }
  }
  const { lie } = below(0, map.leaf.count)
  if (lie === null) throw bad('no subtree with these parts and other times')
  return { fault: 'range', key: map.leaf.key, map, way: { ...lie, posting: null } }
}
