/** What an index shows, as a message: numbers and lengths are checked, what they mean is for the receiver to see. */
import { checkNumber, fromEntry, invalid, toEntry } from '../fields.js'
import type { WireIndex, WireItem } from './contract.js'
import { HASH_BYTES, MAX_FAMILY, MAX_OUTSIDE, MAX_RUN_ITEMS, MAX_SIBLINGS, POSTING_BYTES, REF_BYTES } from './limits.js'
import type { Index, Item } from './query.pb.js'

export const INDEX_LIMITS = { siblings: MAX_SIBLINGS, run: { items: MAX_RUN_ITEMS, outside: MAX_OUTSIDE } }

/** Throws INVALID_FRAME for what the limits do not allow. */
export function indexMessage(index: WireIndex): Index {
  const { entry, family, siblings, leaf, run } = check(index)
  return {
    entry: fromEntry({ ...entry, payload: null }),
    family,
    siblings,
    ...(leaf === null ? {} : { leaf }),
    ...(run === null ? {} : { run })
  }
}

/** Throws INVALID_FRAME. */
export function readIndex({ entry, family, siblings, leaf, run }: Index): WireIndex {
  if (entry === undefined) return invalid('an index without its entry')
  const { header, signature, payload } = toEntry(entry)
  if (payload !== null) invalid('an index entry has no payload')
  return check({
    entry: { header, signature },
    family,
    siblings,
    leaf: leaf ?? null,
    run: run === undefined ? null : { ...run, items: run.items.map(readItem) }
  })
}

function readItem({ entry, posting, skipped, width }: Item): WireItem {
  const given = [entry, posting, skipped].filter((one) => one !== undefined).length
  if (given !== 1 || (skipped === undefined) !== (width === undefined)) return invalid('not one item of a run')
  if (entry !== undefined) return { entry }
  return posting === undefined ? { skipped: skipped!, width: width! } : { posting }
}

function check(index: WireIndex): WireIndex {
  const { family, siblings, leaf, run } = index
  checkNumber(family, 'family', MAX_FAMILY)
  checkAll(siblings, MAX_SIBLINGS, HASH_BYTES)
  if (leaf !== null) {
    checkAll([leaf.key], 1, HASH_BYTES)
    checkNumber(leaf.count, 'count')
    checkAll([leaf.list], 1, REF_BYTES)
  }
  if (run === null) return index
  checkNumber(run.first, 'first')
  checkAll(run.outside, MAX_OUTSIDE, REF_BYTES)
  if (run.items.length === 0 || run.items.length > MAX_RUN_ITEMS) invalid('not the items of a run')
  for (const item of run.items) {
    if ('entry' in item) checkNumber(item.entry, 'entry')
    else if ('posting' in item) checkAll([item.posting], 1, POSTING_BYTES)
    else {
      checkAll([item.skipped], 1, REF_BYTES)
      checkNumber(item.width, 'width')
    }
  }
  return index
}

function checkAll(values: readonly Uint8Array[], most: number, bytes: number): void {
  if (values.length > most || values.some(({ byteLength }) => byteLength !== bytes))
    invalid('not the bytes of an index')
}
