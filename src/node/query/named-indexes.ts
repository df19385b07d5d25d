/** The indexes that a held ledger names and that count: its author has not taken them back, and no fault strikes them. */
import type { Hash } from '../../core/hash.js'
import type { Entry, SignedHeader } from '../../core/entry.js'
import { INDEX_STREAM, INDEX_TYPE, indexOf, WITHDRAW_TYPE } from '../../core/lmx1/index-entry.js'
import { usableIndexes } from '../../core/lmx1/usable-indexes.js'
import type { IndexRoot } from '../../core/lmx1/verify-index.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'

export interface NamedIndex extends IndexRoot {
  seq: number
  hash: Hash
  timestamp: number
  raw: SignedHeader
}

/** The newest index entries that are looked at, and withdrawals. */
const MAX_INDEXES = 8
const MAX_WITHDRAWALS = 64

/** Of entries below `end`, the newest first. `accused`: hashes of index entries that faults name. */
export async function namedIndexes(
  ledger: LedgerReader,
  end: number,
  accused: readonly Hash[] = []
): Promise<NamedIndex[]> {
  const newest = async (type: string, to: number, limit: number): Promise<Entry[]> => {
    const filter = { stream: INDEX_STREAM, type }
    const walked = { order: 'desc', span: { from: 0, to }, limit, maxBytes: Infinity } as const
    return (await ledger.walk(filter, walked)).found
  }
  const named = await newest(INDEX_TYPE, Math.min(end, ledger.visible), MAX_INDEXES)
  if (named.length === 0) return []
  // A withdrawal counts from wherever it is.
  const withdrawals = await newest(WITHDRAW_TYPE, ledger.visible, MAX_WITHDRAWALS)
  const entries = [...named, ...withdrawals].sort((a, b) => a.header.seq - b.header.seq)
  const usable = new Set(usableIndexes(entries, accused))
  return named
    .filter(({ header }) => usable.has(header.seq))
    .map(({ header, hash, raw }) => ({
      ...indexOf(header)!,
      seq: header.seq,
      hash,
      timestamp: header.timestamp,
      raw: { header: raw.header, signature: raw.signature }
    }))
}
