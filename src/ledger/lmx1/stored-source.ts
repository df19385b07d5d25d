/** Reads a stored index for proofs. To be used while nothing changes it. */
import { toHex, type Hash } from '../../core/hash.js'
import { LedgermeshError } from '../../core/errors.js'
import type { MapProof } from '../../core/lmx1/index-proof.js'
import type { IndexSource } from '../../core/lmx1/index-source.js'
import type { ListRef } from '../../core/lmx1/list.js'
import { bitOf, wayTo } from '../../core/lmx1/map.js'
import { indexNodeKey, SLOT_BITS, SLOTS } from '../../store/index-keys.js'
import type { Store } from '../../store/store.js'
import { GrowingList } from './growing-list.js'
import { decodeLeaves, slotMap, slotOf, type StoredLeaf } from './leaf-rows.js'
import { BELOW, type MapTop } from './map-top.js'
import type { SlotSizes } from './slot-sizes.js'
import { StoredList } from './stored-list.js'

export interface StoredSourceInit {
  store: Store
  ledgerNumber: number
  size: number
  /** Of the last pin, not the newest. */
  isOld: boolean
  top: MapTop
  sizes: SlotSizes
}

export function storedSource(init: StoredSourceInit): IndexSource {
  const { store, ledgerNumber, size, isOld, top, sizes } = init
  const read = new Map<number, Promise<StoredLeaf[]>>()
  const leavesOf = async (slot: number): Promise<StoredLeaf[]> => {
    let found = read.get(slot)
    if (found === undefined) read.set(slot, (found = readLeaves(store, ledgerNumber, slot, sizes.of(slot, isOld))))
    return await found
  }
  return {
    size,
    way: async (key): Promise<MapProof> => {
      const siblings: Hash[] = []
      let place = 1
      while (place < SLOTS && top.node(place, isOld).below === BELOW.more) {
        const bit = bitOf(key, siblings.length)
        siblings.push(toHex(top.node(2 * place + 1 - bit, isOld).hash))
        place = 2 * place + bit
      }
      const { below } = top.node(place, isOld)
      if (below === BELOW.nothing) return { siblings, leaf: null }
      if (below === BELOW.leaf) return { siblings, leaf: shown((await leavesOf(slotBelow(top, place, isOld)))[0]!) }
      const leaves = await leavesOf(place - SLOTS)
      const { end, siblings: rest } = wayTo(slotMap(leaves), key, SLOT_BITS)
      const leaf = end === null ? null : shown(leaves.find((one) => one.key === end.key)!)
      return { siblings: [...siblings, ...rest], leaf }
    },
    list: async (key) => {
      const leaf = (await leavesOf(slotOf(key))).find((one) => one.key === key)
      return leaf === undefined ? null : new StoredList(store, ledgerNumber, leaf)
    }
  }
}

async function readLeaves(store: Store, ledgerNumber: number, slot: number, size: number): Promise<StoredLeaf[]> {
  if (size === 0) return []
  const row = await store.get(indexNodeKey(ledgerNumber, slot, size))
  if (row === undefined) throw new LedgermeshError('STORE_DAMAGED', 'leaves of an index are missing')
  return decodeLeaves(slot, row)
}

/** The slot of the one leaf below a node. */
function slotBelow(top: MapTop, from: number, isOld: boolean): number {
  let place = from
  while (place < SLOTS) place = top.node(2 * place, isOld).below === BELOW.nothing ? 2 * place + 1 : 2 * place
  return place - SLOTS
}

function shown({ key, count, frontier }: StoredLeaf): { key: Hash; count: number; list: ListRef } {
  return { key, count, list: new GrowingList(count, frontier).ref() }
}
