/** Does a list say times of a subtree that are not those of its parts? An honest list has the times of its postings. */
import { largestPowerBelow } from '../merkle.js'
import { bad } from './fold.js'
import type { RangeWay } from './index-charge.js'
import { isSameTree, joinRefs, leafRef, type ListRef } from './list.js'

/** Throws BAD_PROOF unless the last thing shown has other times than the ref above it says. */
export function judgeRange(
  { list, count }: { list: ListRef; count: number },
  { position, pairs, posting }: RangeWay
): void {
  if (position >= count) throw bad('a position that is not in the list')
  let [ref, start, width] = [list, 0, count]
  for (const [at, [left, right]] of pairs.entries()) {
    if (width === 1) throw bad('parts of a posting')
    const joined = joinRefs(left, right)
    if (!isSameTree(joined, ref)) throw bad('parts that are not of the list')
    const isLast = posting === null && at === pairs.length - 1
    if (isLast !== (joined !== ref)) throw bad('the times are right, or it shows more than the ones that are wrong')
    if (isLast) return checkPosition(position, start)
    const half = largestPowerBelow(width)
    const isLeft = position < start + half
    ;[ref, start, width] = isLeft ? [left, start, half] : [right, start + half, width - half]
  }
  if (posting === null || width !== 1) throw bad('what is below the times is not shown')
  const said = leafRef(posting)
  if (!isSameTree(said, ref)) throw bad('a posting that is not of the list')
  if (said === ref) throw bad('the times are right')
  checkPosition(position, start)
}

/** So that one lie has one way to it. */
function checkPosition(position: number, start: number): void {
  if (position !== start) throw bad('not the first position below it')
}
