import { extendChain, startChain, type ChainState } from '../../core/chain.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { seqOf, seqRange } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { EntryReader } from './entry-reader.js'

/** The chain before entry `size`, from its key entries and the entry before it; null for 0. Throws STORE_DAMAGED. */
export async function chainAt(
  store: Store,
  id: LedgerId,
  reader: EntryReader,
  size: number
): Promise<ChainState | null> {
  if (size === 0) return null
  const last = await reader.one(size - 1)
  const [genesis, ...rotations] = await reader.many(
    (await store.keys(seqRange('keyEntry', reader.ledgerNumber, 0, size))).map(seqOf)
  )
  if (last === null || genesis === undefined || genesis === null)
    throw new LedgermeshError('STORE_DAMAGED', `the entries of ${id} before ${size} are missing`)
  let chain = startChain(id, genesis)
  for (const rotation of rotations) {
    if (rotation === null) throw new LedgermeshError('STORE_DAMAGED', `a key entry of ${id} is missing`)
    chain = extendChain({ ...chain, size: rotation.header.seq, headHash: rotation.header.prev_hash! }, rotation)
  }
  return { ...chain, size, headHash: last.hash }
}
