/** One step of a stored index: entries come in, and one atomic batch of rows is written. */
import { setImmediate } from 'node:timers/promises'
import { LedgermeshError } from '../../core/errors.js'
import { toHex, type Hash } from '../../core/hash.js'
import { hashIndex } from '../../core/lmx1/map.js'
import { postedOf, type KeyMemo, type Posting } from '../../core/lmx1/posting.js'
import { indexNodeKey, indexRootKey, indexSlotKey } from '../../store/index-keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored } from '../read/records.js'
import { growLeaf } from './grow-leaf.js'
import { decodeLeaves, encodeLeaves, slotOf, type StoredLeaf } from './leaf-rows.js'
import type { MapTop, TopNode } from './map-top.js'
import { encodeRoot } from './root-row.js'
import type { SlotSizes } from './slot-sizes.js'
import { encodeTop, topOf } from './top-node.js'

/** Entries, or rows that they change, after so many other work runs. */
const STRIDE = 128

export interface GrowInit {
  store: Pick<Store, 'getMany' | 'write'>
  ledgerNumber: number
  reader: Pick<EntryReader, 'scan'>
  memo: KeyMemo
}

/** A row of a slot. */
export interface SlotRow {
  slot: number
  size: number
}

/** What of an index is in memory. A step that fails leaves half of it behind. */
export interface GrowState {
  size: number
  top: MapTop
  sizes: SlotSizes
}

/** `slots`: those with a new row; `places`: the nodes of the top that are others now; `gone`: rows that are not needed. */
export interface Growth {
  root: Hash
  slots: number[]
  places: number[]
  gone: SlotRow[]
}

/**
 * Takes the entries up to `to`, and deletes rows: `old`, and with `keeps` false those that this step makes needless.
 * Throws STORE_DAMAGED for damaged entries and rows; STORE_FAILED.
 */
export async function growIndex(
  { store, ledgerNumber, reader, memo }: GrowInit,
  { size, top, sizes }: GrowState,
  to: number,
  { old = [], keeps = false }: { old?: readonly SlotRow[]; keeps?: boolean } = {}
): Promise<Growth> {
  const { lists, head } = await postingsOf(reader, { from: size, to }, memo)
  const slots = Map.groupBy(lists.keys(), slotOf)
  const ops = old.map((row): Op => ({ type: 'del', key: indexNodeKey(ledgerNumber, row.slot, row.size) }))
  const gone: SlotRow[] = []
  const tops = new Map<number, TopNode>()
  const rows = await rowsOf(store, ledgerNumber, sizes, [...slots.keys()])
  for (const [slot, added] of slots) {
    const leaves = new Map<Hash, StoredLeaf>()
    for (const leaf of decodeLeaves(slot, rows.get(slot) ?? Buffer.alloc(0))) leaves.set(leaf.key, leaf)
    for (const key of added) leaves.set(key, growLeaf(ledgerNumber, key, leaves.get(key) ?? null, lists.get(key)!, ops))
    ops.push({ type: 'put', key: indexNodeKey(ledgerNumber, slot, to), value: encodeLeaves(leaves.values()) })
    const before = sizes.grow(slot, to)
    if (before !== null && keeps) gone.push({ slot, size: before })
    else if (before !== null) ops.push({ type: 'del', key: indexNodeKey(ledgerNumber, slot, before) })
    const node = topOf([...leaves.values()])
    ops.push({ type: 'put', key: indexSlotKey(ledgerNumber, slot), value: encodeTop(node) })
    tops.set(slot, node)
    if (tops.size % STRIDE === 0) await setImmediate()
  }
  const places = await top.set(tops)
  const root = hashIndex(to, toHex(top.root(false)))
  ops.push({ type: 'put', key: indexRootKey(ledgerNumber), value: encodeRoot({ size: to, root, head }) })
  await store.write(ops, { sync: false })
  return { root, slots: [...slots.keys()], places, gone }
}

/** The rows of slots that have one. Throws STORE_DAMAGED. */
async function rowsOf(
  store: Pick<Store, 'getMany'>,
  ledgerNumber: number,
  sizes: SlotSizes,
  slots: readonly number[]
): Promise<Map<number, Buffer>> {
  const old = slots.filter((slot) => sizes.of(slot, false) > 0)
  const keys = old.map((slot) => indexNodeKey(ledgerNumber, slot, sizes.of(slot, false)))
  const rows = await store.getMany(keys)
  return new Map(
    rows.map((row, at) => {
      if (row === undefined) throw new LedgermeshError('STORE_DAMAGED', 'leaves of an index are missing')
      return [old[at]!, row]
    })
  )
}

/** What the entries add to the lists, and the hash of the last one. Throws STORE_DAMAGED. */
async function postingsOf(
  reader: Pick<EntryReader, 'scan'>,
  { from, to }: { from: number; to: number },
  memo: KeyMemo
): Promise<{ lists: Map<Hash, Posting[]>; head: Hash }> {
  const lists = new Map<Hash, Posting[]>()
  let [next, head] = [from, '']
  for await (const rows of reader.scan(from, to, STRIDE)) {
    for (const { seq, value } of rows) {
      if (seq !== next) throw new LedgermeshError('STORE_DAMAGED', `entry ${next} is not in the store`, { seq: next })
      const entry = decodeStored(value, seq)
      const { posting, keys } = postedOf(entry.header, memo)
      for (const key of keys) {
        const list = lists.get(key)
        if (list === undefined) lists.set(key, [posting])
        else list.push(posting)
      }
      next++
      head = entry.hash
    }
    await setImmediate()
  }
  if (next !== to) throw new LedgermeshError('STORE_DAMAGED', `entry ${next} is not in the store`, { seq: next })
  return { lists, head }
}
