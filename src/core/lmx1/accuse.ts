/** Makes the proof that an index is wrong from an accepted answer and an entry that it should have contained. */
import type { Header } from '../header.js'
import { bad, placeItems, type Shown } from './fold.js'
import type { IndexProof, RunProof } from './index-proof.js'
import { joinRefs, type ListRef } from './list.js'
import { largestPowerBelow } from '../merkle.js'
import type { ListCharge } from './index-charge.js'
import { listsOf, postedOf, seqOf } from './posting.js'
import type { IndexQuestion } from './verify-index.js'

/**
 * `proof` was accepted by `verifyIndexProof` for the question, with these headers; `missing` matches and is not among
 * its results. Throws BAD_PROOF when nothing is missing.
 */
export function accuse(
  question: IndexQuestion,
  { family, map, run }: IndexProof,
  headers: ReadonlyMap<number, Header>,
  missing: Header
): ListCharge {
  const key = listsOf(question.filter).find((list) => list[0] === family)?.[1]
  if (key === undefined) throw bad('a list that need not have all that matches')
  if (map.leaf?.key !== key || run === null) return { fault: 'omitted', key, map, run: null }
  const { count } = map.leaf
  const shown = placeItems(run, count, (seq) => postedOf(headers.get(seq)!).posting)
  const same = shown.findIndex(({ posting }) => posting !== null && seqOf(posting) === missing.seq)
  if (same !== -1) return { fault: 'wrong', key, map, run: cut(shown, run.outside, count, shown.slice(same, same + 1)) }
  const first = shown.findLastIndex(({ posting }) => posting !== null && seqOf(posting) < missing.seq)
  const last = shown.findIndex(({ posting }) => posting !== null && seqOf(posting) > missing.seq)
  const around = shown.slice(Math.max(first, 0), last === -1 ? shown.length : last + 1)
  return { fault: 'omitted', key, map, run: cut(shown, run.outside, count, around) }
}

/** The run with fewer items: the items that were removed become part of the refs beside it. */
function cut(shown: readonly Shown[], outside: readonly ListRef[], count: number, kept: readonly Shown[]): RunProof {
  const end = (items: readonly Shown[]): number => items.at(-1)!.at + items.at(-1)!.width
  const isApart = (items: readonly Shown[], start: number, width: number): boolean =>
    start + width <= items[0]!.at || start >= end(items)
  const beside: ListRef[] = []
  let [used, taken] = [0, 0]
  const refOf = (start: number, width: number, above: boolean): ListRef => {
    const apart = isApart(kept, start, width)
    const ref = below(start, width, apart)
    if (apart && !above) beside.push(ref)
    return ref
  }
  const below = (start: number, width: number, apart: boolean): ListRef => {
    if (isApart(shown, start, width)) return outside[taken++]!
    if (shown[used]?.at === start && shown[used]!.width === width) return shown[used++]!.ref
    const left = largestPowerBelow(width)
    const before = refOf(start, left, apart)
    return joinRefs(before, refOf(start + left, width - left, apart))
  }
  refOf(0, count, false)
  const items = kept.map(({ posting, ref, width }) => (posting === null ? { skipped: ref, width } : { posting }))
  return { first: kept[0]!.at, items, outside: beside }
}
