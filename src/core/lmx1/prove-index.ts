/** Proves from an index which entries match in a span, and that no others do. */
import { missesOf, listsOf, seqOf, type Family } from './posting.js'
import type { IndexSnapshot } from './index-builder.js'
import { MAX_SKIPPED_IN_A_ROW, type IndexProof, type RunItem, type RunProof } from './index-proof.js'
import { isOutside, type ListRef, type PostingList } from './list.js'
import { find, wayTo, type MapLeaf, type MapNode } from './map.js'
import { largestPowerBelow } from '../merkle.js'
import type { IndexQuestion } from './verify-index.js'
import type { Hash } from '../hash.js'

/** How much of a list one proof may show. */
export interface RunBounds {
  order: 'asc' | 'desc'
  /** Entries that match. */
  limit: number
  /** Items of the run. */
  items: number
}

/** The matches, for as much of the span as the limits allow. */
export interface Found {
  proof: IndexProof
  /** The part of the span for which every match is shown. */
  from: number
  to: number
  /**
   * Entries that the proof refers to, ascending: those that match, and those whose posting alone cannot rule them out.
   */
  entries: number[]
}

/** `matches` reads the header of an entry whose posting alone cannot rule it out. */
export async function proveIndex(
  { map, size }: IndexSnapshot,
  question: IndexQuestion,
  bounds: RunBounds,
  matches: (seq: number) => boolean | Promise<boolean>
): Promise<Found> {
  const { filter } = question
  const { family, key, leaf } = narrowest(map, listsOf(filter))
  const { siblings, end } = wayTo(map, key)
  const way = { siblings, leaf: end === null ? null : { key: end.key, count: end.count, list: refOf(end) } }
  const [from, to] = [question.from, Math.min(question.to, size)]
  if (leaf === null) return { proof: { family, map: way, run: null }, from, to, entries: [] }
  const span = await narrow(leaf, { filter, from, to }, bounds, matches)
  const { run, entries } = makeRun(leaf, { filter, ...span })
  return { proof: { family, map: way, run }, ...span, entries }
}

/** The shortest list; a list that does not exist ends the search. */
function narrowest(map: MapNode, lists: [Family, Hash][]): { family: Family; key: Hash; leaf: MapLeaf | null } {
  const found = lists.map(([family, key]) => ({ family, key, leaf: find(map, key) }))
  return found.reduce((best, one) => ((one.leaf?.count ?? 0) < (best.leaf?.count ?? 0) ? one : best))
}

/** The part of the span that the limits allow, from its beginning in the requested order. */
async function narrow(
  { list, count }: MapLeaf,
  { filter, from, to }: IndexQuestion,
  { order, limit, items }: RunBounds,
  matches: (seq: number) => boolean | Promise<boolean>
): Promise<{ from: number; to: number }> {
  const misses = missesOf(filter)
  const [lower, upper] = [list.firstFrom(from, count), list.firstFrom(to, count)]
  let [done, found, shown] = [0, 0, 0]
  while (done < upper - lower) {
    const at = order === 'asc' ? lower + done : upper - 1 - done
    const width = order === 'asc' ? skippable(list, at, upper, filter) : skippableBefore(list, at + 1, lower, filter)
    done += width
    shown++
    if (width > 1) continue
    const posting = list.posting(at)
    if (!misses(posting) && (await matches(seqOf(posting)))) found++
    if ((found < limit && shown < items) || done === upper - lower) continue
    return order === 'asc' ? { from, to: seqOf(posting) + 1 } : { from: seqOf(posting), to }
  }
  return { from, to }
}

/** Includes every position of the span, and one on each side. */
function makeRun({ list, count }: MapLeaf, { filter, from, to }: IndexQuestion): { run: RunProof; entries: number[] } {
  const misses = missesOf(filter)
  const [lower, upper] = [list.firstFrom(from, count), list.firstFrom(to, count)]
  const [first, end] = [Math.max(lower - 1, 0), Math.min(upper + 1, count)]
  const items: RunItem[] = []
  const entries: number[] = []
  let skipped = 0
  for (let at = first; at < end;) {
    const inside = at >= lower && at < upper
    const width = inside && skipped < MAX_SKIPPED_IN_A_ROW ? skippable(list, at, upper, filter) : 1
    skipped = width > 1 ? skipped + 1 : 0
    const posting = list.posting(at)
    if (width > 1) items.push({ skipped: list.ref(at, width), width })
    else if (inside && !misses(posting)) items.push({ entry: entries[entries.push(seqOf(posting)) - 1]! })
    else items.push({ posting })
    at += width
  }
  return { run: { first, items, outside: outsideOf(list, count, first, end) }, entries }
}

/** The width of the largest subtree that starts at `at`, ends by `end` and is outside of the time range; 1: none. */
function skippable(list: PostingList, at: number, end: number, filter: IndexQuestion['filter']): number {
  let width = 1
  while (at % (width * 2) === 0 && at + width * 2 <= end && isOutside(list.ref(at, width * 2), filter)) width *= 2
  return width
}

/** The same up to, not including, `end`, and from `first` on. */
function skippableBefore(list: PostingList, end: number, first: number, filter: IndexQuestion['filter']): number {
  let width = 1
  while (end % (width * 2) === 0 && end - width * 2 >= first && isOutside(list.ref(end - width * 2, width * 2), filter))
    width *= 2
  return width
}

/** The largest subtrees without a position of the run, from left to right. */
function outsideOf(list: PostingList, count: number, first: number, end: number): ListRef[] {
  const refs: ListRef[] = []
  const collect = (start: number, width: number): void => {
    if (start + width <= first || start >= end) refs.push(list.ref(start, width))
    else if (width > 1) {
      const left = largestPowerBelow(width)
      collect(start, left)
      collect(start + left, width - left)
    }
  }
  collect(0, count)
  return refs
}

function refOf({ list, count }: MapLeaf): ListRef {
  return list.ref(0, count)
}
