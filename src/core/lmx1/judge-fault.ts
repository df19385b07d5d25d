/**
 * Could the author of this index have been honest? Not when what he signed as a map and lists contradicts the entries
 * that he signed too. An honest author is never guilty: his lists have exactly the postings that his headers make, in
 * order, in the one map that they make.
 */
import type { Header } from '../header.js'
import type { Hash } from '../hash.js'
import { bad, foldMap, foldRun, isOnWay, placeItems, type Shown } from './fold.js'
import type { FaultKind, IndexCharge } from './index-charge.js'
import { indexOf } from './index-entry.js'
import type { MapProof } from './index-proof.js'
import { judgeRange } from './judge-range.js'
import { earliestOf, latestOf } from './list.js'
import { EMPTY } from './map.js'
import { postedOf, seqOf } from './posting.js'
import { checkDensity, type IndexRoot } from './verify-index.js'
import { isCoded } from '../errors.js'

/** Throws BAD_PROOF unless it shows that the index is wrong. `accusing`: entries of the same tree, by rising seq. */
export function judgeFault(index: IndexRoot, charge: IndexCharge, accusing: readonly Header[]): void {
  const { fault } = charge
  const entries = ENTRIES[fault]
  if (accusing.length < entries.least || accusing.length > entries.most)
    throw bad('not the entries that such a fault needs')
  if (fault === 'two-roots') return judgeRoots(index, accusing[0]!)
  const { key, map } = charge
  if (foldMap(index.size, key, map) !== index.root) throw bad('the map is not that of the index')
  const { leaf } = map
  if (accusing.some(({ seq }, at) => seq >= index.size || seq <= (accusing[at - 1]?.seq ?? -1)))
    throw bad('entries that the index does not cover, or not in order')
  if (fault === 'range') {
    if (leaf?.key !== key) throw bad('the list is not shown')
    return judgeRange(leaf, charge.way)
  }
  const { run } = charge
  if (fault === 'shape' || fault === 'count' || (fault === 'omitted' && leaf?.key !== key)) {
    if (run !== null) throw bad('a run that shows nothing')
    if (fault === 'shape') judgeShape(index, key, map)
    else if (fault === 'count') judgeCount(key, map, accusing)
    else judgeHas(key, accusing[0]!)
    return
  }
  if (leaf?.key !== key || run === null) throw bad('the list is not shown')
  const shown = placeItems(run, leaf.count, () => {
    throw bad('an item that is not a posting')
  })
  if (foldRun(shown, run.outside, leaf.count) !== leaf.list) throw bad('the run is not part of the list')
  if (fault === 'order') judgeOrder(shown, leaf.count, index.size)
  else if (fault === 'wrong') judgeWrong(shown, key, accusing[0]!)
  else judgeOmitted(shown, leaf.count, key, accusing[0]!)
}

/** How many entries each fault needs; of `count` one more than the list, which is short then. */
const ENTRIES: Record<FaultKind, { least: number; most: number }> = {
  omitted: { least: 1, most: 1 },
  wrong: { least: 1, most: 1 },
  order: { least: 0, most: 0 },
  count: { least: 1, most: 16 },
  shape: { least: 0, most: 0 },
  range: { least: 0, most: 0 },
  'two-roots': { least: 1, most: 1 }
}

function judgeRoots({ size, root }: IndexRoot, header: Header): void {
  const other = indexOf(header)
  if (other === null || other.size !== size || other.root === root) throw bad('not two roots over as many entries')
}

function judgeHas(key: Hash, header: Header): void {
  if (!postedOf(header).keys.includes(key)) throw bad('the entry does not belong into the list')
}

/** The entry's place is among these, and none of them is it. */
function judgeOmitted(shown: readonly Shown[], count: number, key: Hash, header: Header): void {
  judgeHas(key, header)
  const [first, last] = [shown[0]!, shown.at(-1)!]
  const { seq, timestamp } = header
  if (first.at !== 0 && (first.posting === null || seqOf(first.posting) >= seq)) throw bad('it may be before the run')
  if (last.at + last.width !== count && (last.posting === null || seqOf(last.posting) <= seq))
    throw bad('it may be behind the run')
  for (const { posting, ref } of shown)
    if (posting === null ? earliestOf(ref) <= timestamp && timestamp <= latestOf(ref) : seqOf(posting) === seq)
      throw bad('it may be in the run')
}

function judgeWrong(shown: readonly Shown[], key: Hash, header: Header): void {
  const { posting, keys } = postedOf(header)
  const said = shown.find((one) => one.posting !== null && seqOf(one.posting) === header.seq)
  if (said === undefined) throw bad('the posting of the entry is not shown')
  if (said.posting === posting && keys.includes(key)) throw bad('the posting is right')
}

function judgeOrder(shown: readonly Shown[], count: number, size: number): void {
  try {
    checkDensity(shown, count, size)
  } catch (error) {
    if (!isCoded(error, 'BAD_PROOF')) throw error
    return
  }
  throw bad('the postings are in order')
}

function judgeCount(key: Hash, { leaf }: MapProof, accusing: readonly Header[]): void {
  if (leaf?.key !== key) throw bad('the list is not shown')
  for (const header of accusing) judgeHas(key, header)
  if (accusing.length <= leaf.count) throw bad('no more entries than the list has')
}

function judgeShape({ size }: IndexRoot, key: Hash, { siblings, leaf }: MapProof): void {
  const alone = siblings.length === 0 ? leaf === null : siblings.at(-1) === EMPTY
  const elsewhere = leaf !== null && !isOnWay(leaf.key, key, siblings.length)
  const impossible = leaf !== null && (leaf.count < 1 || leaf.count > size)
  if (!alone && !elsewhere && !impossible) throw bad('the map has the right shape')
}
