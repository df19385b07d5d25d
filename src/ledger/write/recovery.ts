/** Cuts a ledger to its first entries, and removes everything derived from the dropped ones. */
import { chunks } from '../../store/chunks.js'
import type { LedgerId } from '../../core/ledger-id.js'
import {
  ledgerKey,
  ledgerRange,
  nameKey,
  nameOf,
  POSTING_FAMILIES,
  seqKey,
  seqOf,
  seqRange,
  SEQ_END,
  tileKey
} from '../../store/keys.js'
import { decodePosting, EMPTY, encodePosting } from '../../store/posting.js'
import type { Op, Row, Store } from '../../store/store.js'
import { dropClaims, lookAtOnce, type Touch } from '../claims/drop-claims.js'
import { chainAt } from '../read/chain-at.js'
import type { EntryReader } from '../read/entry-reader.js'
import { encodeJson, type LedgerState } from '../read/records.js'
import { STORED_LEVELS } from '../read/tree.js'

/** Rows read in one batch. */
const CHUNK = 4096

/**
 * Drops the entries from `size` on; returns the new state, null when nothing is left. Index keys by hash stay: every
 * lookup compares with the entry. A frozen ledger stays frozen. The state changes last, so that an interrupted run is
 * found at the next open and done again. `finish`: further rows for that last batch.
 */
export async function discardFrom(
  store: Store,
  id: LedgerId,
  reader: EntryReader,
  state: LedgerState,
  size: number,
  touch: Touch = lookAtOnce,
  finish: (state: LedgerState | null) => Op[] = () => []
): Promise<LedgerState | null> {
  const { ledgerNumber } = reader
  const chain = await chainAt(store, id, reader, size)
  // Entries first: the next open detects an interrupted run by the gap.
  await store.clear(seqRange('entry', ledgerNumber, size, SEQ_END))
  await edit(store, ledgerRange('id', ledgerNumber), ([key]) => (seqOf(key) >= size ? [{ type: 'del', key }] : []))
  for (const family of POSTING_FAMILIES) {
    await edit(store, ledgerRange(family, ledgerNumber), ([key, block]) => {
      const first = seqOf(key)
      if (first >= size) return [{ type: 'del', key }]
      const seqs = decodePosting(first, block)
      return seqs.at(-1)! < size
        ? []
        : [
            {
              type: 'put',
              key: nameKey(family, ledgerNumber, nameOf(key), first),
              value: encodePosting(seqs.filter((seq) => seq < size))
            }
          ]
    })
  }
  // payloads erased by a dropped ledger.erase become missing ones again
  await edit(store, ledgerRange('erased', ledgerNumber), ([key, value]) =>
    value.readUIntBE(0, 6) < size
      ? []
      : [
          { type: 'del', key },
          { type: 'put', key: seqKey('missing', ledgerNumber, seqOf(key)), value: EMPTY }
        ]
  )
  for (const level of STORED_LEVELS)
    await store.clear({
      gte: tileKey(ledgerNumber, level, Math.floor(size / 2 ** level)),
      lt: tileKey(ledgerNumber, level + 1, 0)
    })
  await dropClaims(store, ledgerNumber, size, touch)
  for (const family of ['payload', 'missing', 'keyEntry', 'erased', 'storedAt'] as const)
    await store.clear(seqRange(family, ledgerNumber, size, SEQ_END))
  const cut: LedgerState | null =
    chain === null
      ? null
      : {
          chain,
          audited: Math.min(state.audited, size),
          durable: size,
          frozen: state.frozen,
          ...(state.taken !== undefined && { taken: state.taken })
        }
  const key = ledgerKey('state', ledgerNumber)
  await store.write(
    [cut === null ? { type: 'del', key } : { type: 'put', key, value: encodeJson(cut) }, ...finish(cut)],
    { sync: true }
  )
  return cut
}

async function edit(
  store: Store,
  range: { gte: Uint8Array; lt: Uint8Array },
  change: (row: Row) => Op[]
): Promise<void> {
  for await (const chunk of chunks(store, range, CHUNK)) {
    const ops = chunk.flatMap(change)
    if (ops.length > 0) await store.write(ops, { sync: false })
  }
}
