/**
 * Is what is stored the index of the entries? Both are read once, however large: all postings that the entries make,
 * and all that are in the lists, add up to the same sum of hashes; and every list, leaf and node is the one over them.
 */
import { setImmediate } from 'node:timers/promises'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { fromHex, sha256, toHex, type Hash } from '../../core/hash.js'
import { hashIndex, hashMapLeaf } from '../../core/lmx1/map.js'
import { postedOf, seqOf } from '../../core/lmx1/posting.js'
import { chunks } from '../../store/chunks.js'
import { indexListRange, indexRanges, placeOfNode } from '../../store/index-keys.js'
import { ledgerRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored } from '../read/records.js'
import { GROUP, GrowingList, type Completed } from './growing-list.js'
import { decodeLeaves, type StoredLeaf } from './leaf-rows.js'
import { loadIndex } from './load-index.js'
import { AT_ONCE, type Pace } from './stored-index.js'
import { StoredList } from './stored-list.js'
import { topOf } from './top-node.js'
import { MapTop, type TopNode } from './map-top.js'

/** Rows and entries read together; then other work runs. */
const CHUNK = 64

/** A sum of hashes that does not depend on their order; each is there once. */
class Sum {
  readonly #bytes = Buffer.alloc(32)
  #count = 0

  add(key: Hash, posting: string): void {
    const hash = fromHex(sha256(fromHex(key + posting)))
    for (let at = 0; at < hash.length; at++) this.#bytes[at]! ^= hash[at]!
    this.#count++
  }

  get text(): string {
    return `${this.#count} ${this.#bytes.toString('hex')}`
  }
}

/** What is wrong; null: nothing, or nothing is stored. Throws STORE_DAMAGED for damaged entries. */
export async function auditIndex(
  store: Store,
  ledgerNumber: number,
  reader: EntryReader,
  pace: Pick<Pace, 'rest'> = AT_ONCE
): Promise<string | null> {
  const loaded = await loadIndex(store, ledgerNumber)
  if (loaded === null) return (await hasRows(store, ledgerNumber)) ? 'its parts do not go together' : null
  const { size, root, head } = loaded
  if ((await reader.one(size - 1))?.hash !== head) return 'it is not over the entries that are stored'
  const made = await sumOfEntries(reader, size, pace)
  let said: Sum
  try {
    said = await sumOfLists(store, ledgerNumber, { size, root }, pace)
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    return error.message
  }
  return made.text === said.text ? null : 'its postings are not those of the entries'
}

async function hasRows(store: Store, ledgerNumber: number): Promise<boolean> {
  for (const range of indexRanges(ledgerNumber)) if ((await store.keys({ ...range, limit: 1 })).length > 0) return true
  return false
}

async function sumOfEntries(reader: EntryReader, size: number, pace: Pick<Pace, 'rest'>): Promise<Sum> {
  const sum = new Sum()
  for await (const rows of reader.scan(0, size, CHUNK)) {
    for (const { seq, value } of rows) {
      const { posting, keys } = postedOf(decodeStored(value, seq).header)
      for (const key of keys) sum.add(key, posting)
    }
    await setImmediate()
    await pace.rest()
  }
  return sum
}

async function sumOfLists(
  store: Store,
  ledgerNumber: number,
  said: { size: number; root: Hash },
  pace: Pick<Pace, 'rest'>
): Promise<Sum> {
  const sum = new Sum()
  const tops = new Map<number, TopNode>()
  const newest = new Map<number, StoredLeaf[]>()
  const flush = async (): Promise<void> => {
    for (const [slot, leaves] of newest) {
      for (const leaf of leaves) await checkLeaf(store, ledgerNumber, leaf, sum)
      tops.set(slot, topOf(leaves))
    }
    newest.clear()
    await setImmediate()
    await pace.rest()
  }
  for await (const rows of chunks(store, ledgerRange('indexNode', ledgerNumber), CHUNK)) {
    for (const [key, value] of rows) {
      const place = placeOfNode(key)
      if (place === null) throw damaged('a row that is not of the index')
      // By size: a later one takes the place of those before it.
      if (!newest.has(place.slot) && newest.size >= CHUNK) await flush()
      newest.set(place.slot, decodeLeaves(place.slot, value))
    }
  }
  await flush()
  const top = new MapTop()
  await top.set(tops)
  if (hashIndex(said.size, toHex(top.root(false))) !== said.root) throw damaged('its leaves do not lead to its root')
  return sum
}

/** The list is the one that the leaf commits to, and its subtrees are stored as they are. */
async function checkLeaf(store: Store, ledgerNumber: number, leaf: StoredLeaf, sum: Sum): Promise<void> {
  const { key, count, hash } = leaf
  const stored = new StoredList(store, ledgerNumber, leaf)
  const list = new GrowingList()
  const completed: Completed[] = []
  let before = -1
  for (let group = 0; group * GROUP < count; group++) {
    for (const posting of await stored.read(group)) {
      if (seqOf(posting) <= before) throw damaged('its postings are not in order')
      before = seqOf(posting)
      sum.add(key, posting)
      completed.push(...list.append(posting))
    }
    if (group % CHUNK === CHUNK - 1) await setImmediate()
  }
  if (list.frontier.join() !== leaf.frontier.join() || hashMapLeaf(key, count, list.ref()) !== hash)
    throw damaged('a leaf is not the one over its list')
  for (const level of new Set(completed.map((one) => one.level))) {
    const rows = await store.all(indexListRange(ledgerNumber, key, level, { from: 0, to: 2 ** 48 - 1 }))
    const refs = completed.filter((one) => one.level === level).map(({ ref }) => ref)
    if (rows.map(([, value]) => toHex(value)).join() !== refs.join())
      throw damaged('a subtree of a list is another one')
  }
}

function damaged(what: string): LedgermeshError {
  return new LedgermeshError('STORE_DAMAGED', what)
}
