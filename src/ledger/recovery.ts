/** Going back: a ledger cut to its first entries, with everything that was derived from the ones behind. */
import { extendChain, startChain, type ChainState } from '../core/chain.js'
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import { ledgerKey, ledgerRange, nameKey, nameOf, POSTING_FAMILIES, seqKey, seqOf, seqRange, SEQ_END, tileKey } from '../store/keys.js'
import { decodePosting, EMPTY, encodePosting } from '../store/posting.js'
import type { Op, Row, Store } from '../store/store.js'
import type { EntryReader } from './entry-reader.js'
import { encodeJson, type LedgerState } from './records.js'
import { STORED_LEVELS } from './tree.js'

/** Rows looked at in one batch. */
const CHUNK = 4096

/**
 * Drops the entries from `size` on; the answer is the new state, null when nothing is left. Index keys by hash stay: every lookup
 * compares with the entry. What is frozen stays frozen. The state changes last, so that an interrupted run is found at the next open and done again.
 */
export async function discardFrom (store: Store, id: LedgerId, reader: EntryReader, state: LedgerState, size: number): Promise<LedgerState | null> {
  const { n } = reader
  const chain = await chainAt(store, id, reader, size)
  await edit(store, ledgerRange('id', n), ([key]) => seqOf(key) >= size ? [{ type: 'del', key }] : [])
  for (const family of POSTING_FAMILIES) {
    await edit(store, ledgerRange(family, n), ([key, block]) => {
      const first = seqOf(key)
      if (first >= size) return [{ type: 'del', key }]
      const seqs = decodePosting(first, block)
      return seqs.at(-1)! < size ? [] : [{ type: 'put', key: nameKey(family, n, nameOf(key), first), value: encodePosting(seqs.filter((seq) => seq < size)) }]
    })
  }
  // what a dropped ledger.erase erased is only missing again
  await edit(store, ledgerRange('erased', n), ([key, value]) => value.readUIntBE(0, 6) < size ? [] : [
    { type: 'del', key }, { type: 'put', key: seqKey('missing', n, seqOf(key)), value: EMPTY }
  ])
  for (const level of STORED_LEVELS) await store.clear({ gte: tileKey(n, level, Math.floor(size / 2 ** level)), lt: tileKey(n, level + 1, 0) })
  for (const family of ['payload', 'missing', 'keyEntry', 'erased', 'entry'] as const) await store.clear(seqRange(family, n, size, SEQ_END))
  const cut: LedgerState | null = chain === null ? null : { chain, audited: Math.min(state.audited, size), durable: size, frozen: state.frozen }
  const key = ledgerKey('state', n)
  await store.write([cut === null ? { type: 'del', key } : { type: 'put', key, value: encodeJson(cut) }], { sync: true })
  return cut
}

/** The chain before entry `size`, from its key entries and the entry before it; null for 0. Throws STORE_DAMAGED. */
export async function chainAt (store: Store, id: LedgerId, reader: EntryReader, size: number): Promise<ChainState | null> {
  if (size === 0) return null
  const last = await reader.one(size - 1)
  const [genesis, ...rotations] = await reader.many((await store.keys(seqRange('keyEntry', reader.n, 0, size))).map(seqOf))
  if (last === null || genesis === undefined || genesis === null) throw new LedgermeshError('STORE_DAMAGED', `the entries of ${id} before ${size} are missing`)
  let chain = startChain(id, genesis)
  for (const rotation of rotations) {
    if (rotation === null) throw new LedgermeshError('STORE_DAMAGED', `a key entry of ${id} is missing`)
    chain = extendChain({ ...chain, size: rotation.header.seq, headHash: rotation.header.prev_hash! }, rotation)
  }
  return { ...chain, size, headHash: last.hash }
}

async function edit (store: Store, range: { gte: Uint8Array, lt: Uint8Array }, change: (row: Row) => Op[]): Promise<void> {
  const rows = store.rows(range)
  try {
    for (let chunk = await rows.next(CHUNK); chunk.length > 0; chunk = await rows.next(CHUNK)) {
      const ops = chunk.flatMap(change)
      if (ops.length > 0) await store.write(ops, { sync: false })
    }
  } finally {
    await rows.close()
  }
}
