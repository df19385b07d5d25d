/** Proves from an index which entries match in a span, and that no others do. */
import type { Hash } from '../hash.js'
import { largestPowerBelow } from '../merkle.js'
import { MAX_SKIPPED_IN_A_ROW, type IndexProof, type RunItem, type RunProof } from './index-proof.js'
import { firstFrom, type IndexSource, type ListSource } from './index-source.js'
import { isOutside, type ListRef } from './list.js'
import { listsOf, missesOf, seqOf, type Family } from './posting.js'
import type { IndexQuestion } from './verify-index.js'

/** How much of a list one proof may show. */
export interface RunBounds {
  order: 'asc' | 'desc'
  /** Entries that match. */
  limit: number
  /** Items of the run. */
  items: number
  /** Is there no room for another entry behind those that `matches` was asked about? Default: there always is. */
  isFull?: () => boolean
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

type Matches = (seq: number) => boolean | Promise<boolean>

/** `matches` reads the header of an entry whose posting alone cannot rule it out. */
export async function proveIndex(
  index: IndexSource,
  question: IndexQuestion,
  bounds: RunBounds,
  matches: Matches
): Promise<Found> {
  const { filter } = question
  const { family, key, list } = await narrowest(index, listsOf(filter))
  const map = await index.way(key)
  const [from, to] = [question.from, Math.min(question.to, index.size)]
  if (list === null) return { proof: { family, map, run: null }, from, to, entries: [] }
  const part = await narrow(list, { filter, from, to }, bounds, matches)
  const { run, entries } = await makeRun(list, filter, part)
  return { proof: { family, map, run }, from: part.from, to: part.to, entries }
}

/** A part of the span, and the positions of the list inside it: `lower` ≤ position < `upper`. */
interface Part {
  from: number
  to: number
  lower: number
  upper: number
}

/** The shortest list; a list that does not exist ends the search. */
async function narrowest(
  index: IndexSource,
  lists: readonly [Family, Hash][]
): Promise<{ family: Family; key: Hash; list: ListSource | null }> {
  let best: { family: Family; key: Hash; list: ListSource | null } | null = null
  for (const [family, key] of lists) {
    const list = await index.list(key)
    if (best === null || (list?.count ?? 0) < best.list!.count) best = { family, key, list }
    if (list === null) break
  }
  return best!
}

/** The part of the span that the limits allow, from its beginning in the requested order. */
async function narrow(
  list: ListSource,
  { filter, from, to }: IndexQuestion,
  { order, limit, items, isFull = () => false }: RunBounds,
  matches: Matches
): Promise<Part> {
  const misses = missesOf(filter)
  const [lower, upper] = [await firstFrom(list, from), await firstFrom(list, to)]
  let [done, found, shown] = [0, 0, 0]
  while (done < upper - lower) {
    const at = order === 'asc' ? lower + done : upper - 1 - done
    const width =
      order === 'asc' ? await skippable(list, at, upper, filter) : await skippableBefore(list, at + 1, lower, filter)
    done += width
    shown++
    if (width > 1) continue
    const posting = await list.posting(at)
    if (!misses(posting) && (await matches(seqOf(posting)))) found++
    if ((found < limit && shown < items && !isFull()) || done === upper - lower) continue
    const seq = seqOf(posting)
    return order === 'asc' ? { from, to: seq + 1, lower, upper: at + 1 } : { from: seq, to, lower: at, upper }
  }
  return { from, to, lower, upper }
}

/** Includes every position of the part, and one on each side. */
async function makeRun(
  list: ListSource,
  filter: IndexQuestion['filter'],
  { lower, upper }: Part
): Promise<{ run: RunProof; entries: number[] }> {
  const misses = missesOf(filter)
  const [first, end] = [Math.max(lower - 1, 0), Math.min(upper + 1, list.count)]
  const items: RunItem[] = []
  const entries: number[] = []
  let skipped = 0
  for (let at = first; at < end;) {
    const inside = at >= lower && at < upper
    const width = inside && skipped < MAX_SKIPPED_IN_A_ROW ? await skippable(list, at, upper, filter) : 1
    skipped = width > 1 ? skipped + 1 : 0
    const posting = await list.posting(at)
    if (width > 1) items.push({ skipped: await list.ref(at, width), width })
    else if (inside && !misses(posting)) items.push({ entry: entries[entries.push(seqOf(posting)) - 1]! })
    else items.push({ posting })
    at += width
  }
  return { run: { first, items, outside: await outsideOf(list, first, end) }, entries }
}

/** The width of the largest subtree that starts at `at`, ends by `end` and is outside of the time range; 1: none. */
async function skippable(list: ListSource, at: number, end: number, filter: IndexQuestion['filter']): Promise<number> {
  if (!isTimed(filter)) return 1
  let width = 1
  while (at % (width * 2) === 0 && at + width * 2 <= end && isOutside(await list.ref(at, width * 2), filter)) width *= 2
  return width
}

/** The same up to, not including, `end`, and from `first` on. */
async function skippableBefore(
  list: ListSource,
  end: number,
  first: number,
  filter: IndexQuestion['filter']
): Promise<number> {
  if (!isTimed(filter)) return 1
  let width = 1
  while (
    end % (width * 2) === 0 &&
    end - width * 2 >= first &&
    isOutside(await list.ref(end - width * 2, width * 2), filter)
  )
    width *= 2
  return width
}

/** Without a time range nothing is outside of it. */
function isTimed({ from, to }: IndexQuestion['filter']): boolean {
  return from !== undefined || to !== undefined
}

/** The largest subtrees without a position of the run, from left to right. */
async function outsideOf(list: ListSource, first: number, end: number): Promise<ListRef[]> {
  const refs: ListRef[] = []
  const collect = async (start: number, width: number): Promise<void> => {
    if (start + width <= first || start >= end) refs.push(await list.ref(start, width))
    else if (width > 1) {
      const left = largestPowerBelow(width)
      await collect(start, left)
      await collect(start + left, width - left)
    }
  }
  await collect(0, list.count)
  return refs
}
