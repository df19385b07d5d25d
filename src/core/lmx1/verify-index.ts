/**
 * Does an index prove that exactly the given entries of a span match? The root is signed by the author: a peer that
 * answers cannot lie, the author can, and a lie that is accepted here can later be proved against the author
 * (judge-fault.ts).
 */
import { matchesFilter, type EntryFilter } from '../entry-filter.js'
import type { Hash } from '../hash.js'
import type { Header } from '../header.js'
import { bad, foldMap, foldRun, isOnWay, placeItems, type Shown } from './fold.js'
import { isIndexProof, MAX_SKIPPED_IN_A_ROW, type IndexProof, type MapProof } from './index-proof.js'
import { isOutside } from './list.js'
import { EMPTY } from './map.js'
import { listsOf, missesOf, postedOf, seqOf } from './posting.js'

/** What an index entry commits to. */
export interface IndexRoot {
  /** The number of entries that the index covers. */
  size: number
  root: Hash
}

/** What must be proved: every match with `from` ≤ seq < `to`. */
export interface IndexQuestion {
  filter: EntryFilter
  from: number
  to: number
}

/**
 * The seqs of all matches in the span, ascending. `headers` are of entries that were proved to be in the ledger. Throws
 * BAD_PROOF.
 */
export function verifyIndexProof(
  index: IndexRoot,
  question: IndexQuestion,
  proof: IndexProof,
  headers: ReadonlyMap<number, Header>
): number[] {
  const { filter, from, to } = question
  if (!isIndexProof(proof)) throw bad('not the members of a proof')
  if (from > to || to > index.size) throw bad('a span beyond the end of the index')
  const list = listsOf(filter).find(([family]) => family === proof.family)
  if (list === undefined) throw bad('a list that need not have all that matches')
  const [, key] = list
  checkWay(index, key, proof.map)
  const { leaf } = proof.map
  if (leaf === null || leaf.key !== key) {
    if (proof.run !== null) throw bad('items of a value that is not there')
    return []
  }
  if (proof.run === null) throw bad('the run is not shown')
  const postingOf = (seq: number): string => {
    const header = headers.get(seq)
    if (header === undefined) throw bad(`entry ${seq} is not shown`)
    return postedOf(header).posting
  }
  const shown = placeItems(proof.run, leaf.count, postingOf)
  if (foldRun(shown, proof.run.outside, leaf.count) !== leaf.list) throw bad('the run is not part of the list')
  checkDensity(shown, leaf.count, index.size)
  checkSkipped(shown, filter)
  return readRun(
    shown,
    proof.run.items.map((item) => 'entry' in item),
    question,
    leaf.count,
    headers
  )
}

/** The path through the map leads to the root, and the map has the shape that every correct builder makes. */
function checkWay({ size, root }: IndexRoot, key: Hash, proof: MapProof): void {
  const { siblings, leaf } = proof
  if (leaf !== null && !isOnWay(leaf.key, key, siblings.length)) throw bad('a leaf that is elsewhere')
  if (leaf !== null && (leaf.count < 1 || leaf.count > size)) throw bad('a list that no ledger of that size has')
  if (siblings.length === 0 ? leaf === null : siblings.at(-1) === EMPTY)
    throw bad('a leaf that is not where it is alone')
  if (foldMap(size, key, proof) !== root) throw bad('the map is not that of the index')
}

/**
 * Seqs are ascending, below the size, and rise by at least as much as the positions: there must be a seq for every
 * position.
 */
export function checkDensity(shown: readonly Shown[], count: number, size: number): void {
  let [at, seq] = [-1, -1]
  for (const one of shown) {
    if (one.posting === null) continue
    const next = seqOf(one.posting)
    if (next - seq < one.at - at) throw bad('the postings are not in order')
    at = one.at
    seq = next
  }
  if (size - seq < count - at) throw bad('the postings are not in order')
}

function checkSkipped(shown: readonly Shown[], filter: EntryFilter): void {
  let skipped = 0
  for (const { posting, ref } of shown) {
    skipped = posting === null ? skipped + 1 : 0
    if (posting === null && !isOutside(ref, filter)) throw bad('an entry that may match is left out')
    if (skipped > MAX_SKIPPED_IN_A_ROW) throw bad('too many subtrees are left out in a row')
  }
}

/** Reads the items inside the span; both of its ends must be shown. */
function readRun(
  shown: readonly Shown[],
  entries: readonly boolean[],
  { filter, from, to }: IndexQuestion,
  count: number,
  headers: ReadonlyMap<number, Header>
): number[] {
  const misses = missesOf(filter)
  const seqs: number[] = []
  const last = shown.at(-1)!
  let [begun, ended] = [shown[0]!.at === 0, last.at + last.width === count]
  for (const [place, { posting }] of shown.entries()) {
    if (posting === null) continue
    const seq = seqOf(posting)
    if (seq < from || seq >= to) {
      if (entries[place]) throw bad('an entry outside of the span')
      if (seq < from) begun ||= place === 0
      else ended ||= place === shown.length - 1
    } else if (entries[place]) {
      if (matchesFilter(headers.get(seq)!, filter)) seqs.push(seq)
    } else if (!misses(posting)) throw bad('the posting of an entry that may match, without the entry')
  }
  if (!begun || !ended) throw bad('an end of the span is not shown')
  return seqs
}
