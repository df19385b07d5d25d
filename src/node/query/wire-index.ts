/** What an index shows, as the wire carries it and as it is verified. */
import type { WireIndex, WireItem } from '../../../protocols/query/index.js'
import type { PageIndex } from '../../core/answer-page.js'
import { LedgermeshError } from '../../core/errors.js'
import { fromHex, toHex } from '../../core/hash.js'
import type { RunItem } from '../../core/lmx1/index-proof.js'
import { FAMILIES, type Family } from '../../core/lmx1/posting.js'

export function indexToWire({ entry, proof }: PageIndex): WireIndex {
  const { family, map, run } = proof
  const { leaf, siblings } = map
  return {
    entry,
    family: FAMILIES[family],
    siblings: siblings.map(fromHex),
    leaf: leaf === null ? null : { key: fromHex(leaf.key), count: leaf.count, list: fromHex(leaf.list) },
    run: run === null ? null : { ...run, items: run.items.map(itemToWire), outside: run.outside.map(fromHex) }
  }
}

/** Throws BAD_PROOF for a family that is not known. */
export function indexFromWire({ entry, family, siblings, leaf, run }: WireIndex): PageIndex {
  const name = (Object.keys(FAMILIES) as Family[]).find((one) => FAMILIES[one] === family)
  if (name === undefined) throw new LedgermeshError('BAD_PROOF', `an index has no family ${family}`)
  return {
    entry,
    proof: {
      family: name,
      map: {
        siblings: siblings.map(toHex),
        leaf: leaf === null ? null : { key: toHex(leaf.key), count: leaf.count, list: toHex(leaf.list) }
      },
      run: run === null ? null : { ...run, items: run.items.map(itemFromWire), outside: run.outside.map(toHex) }
    }
  }
}

function itemToWire(item: RunItem): WireItem {
  if ('entry' in item) return item
  return 'posting' in item ? { posting: fromHex(item.posting) } : { ...item, skipped: fromHex(item.skipped) }
}

function itemFromWire(item: WireItem): RunItem {
  if ('entry' in item) return item
  return 'posting' in item ? { posting: toHex(item.posting) } : { ...item, skipped: toHex(item.skipped) }
}
