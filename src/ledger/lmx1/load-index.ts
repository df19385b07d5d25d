import { isCoded } from '../../core/errors.js'
import { toHex } from '../../core/hash.js'
import { hashIndex } from '../../core/lmx1/map.js'
import { chunks } from '../../store/chunks.js'
import { indexNodeKey, indexRootKey, placeOfNode, slotOfKey } from '../../store/index-keys.js'
import { ledgerRange } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { MapTop, type TopNode } from './map-top.js'
import { decodeRoot, type RootRow } from './root-row.js'
import { SlotSizes } from './slot-sizes.js'
import { decodeTop } from './top-node.js'

export interface LoadedIndex extends RootRow {
  top: MapTop
  sizes: SlotSizes
}

/** Rows read together. */
const CHUNK = 1024

/** Null: there is none, or its parts do not go together. Rows that only an earlier run needed are deleted. */
export async function loadIndex(store: Store, ledgerNumber: number): Promise<LoadedIndex | null> {
  const row = decodeRoot((await store.get(indexRootKey(ledgerNumber))) ?? Buffer.alloc(0))
  if (row === null) return null
  const slots = await readSlots(store, ledgerNumber)
  if (slots === null) return null
  const top = new MapTop()
  await top.set(slots)
  if (hashIndex(row.size, toHex(top.root(false))) !== row.root) return null
  const sizes = await readSizes(store, ledgerNumber)
  const isWhole = [...slots.keys()].every((slot) => sizes.of(slot, false) > 0 && sizes.of(slot, false) <= row.size)
  return isWhole ? { ...row, top, sizes } : null
}

/** Null: unreadable. */
async function readSlots(store: Store, ledgerNumber: number): Promise<Map<number, TopNode> | null> {
  const slots = new Map<number, TopNode>()
  try {
    for await (const chunk of chunks(store, ledgerRange('indexRoot', ledgerNumber), CHUNK))
      for (const [key, value] of chunk) {
        const slot = slotOfKey(key)
        if (slot !== null) slots.set(slot, decodeTop(value))
      }
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    return null
  }
  return slots
}

async function readSizes(store: Store, ledgerNumber: number): Promise<SlotSizes> {
  const sizes = new SlotSizes()
  const gone: Op[] = []
  for (const key of await store.keys(ledgerRange('indexNode', ledgerNumber))) {
    const place = placeOfNode(key)
    if (place === null) continue
    const before = sizes.of(place.slot, false)
    if (before > 0) gone.push({ type: 'del', key: indexNodeKey(ledgerNumber, place.slot, before) })
    sizes.start(place.slot, place.size)
  }
  if (gone.length > 0) await store.write(gone, { sync: false })
  return sizes
}
