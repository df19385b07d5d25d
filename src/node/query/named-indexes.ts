/** The indexes that a held ledger names and that count: its author has not taken them back, and no fault strikes them. */
import { BoundedMap } from '../../core/bounded.js'
import type { Hash } from '../../core/hash.js'
import type { Entry, SignedHeader } from '../../core/entry.js'
import { INDEX_STREAM, INDEX_TYPE, indexOf, WITHDRAW_TYPE } from '../../core/lmx1/index-entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
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
/** Ledgers of which it is remembered. */
const MAX_LEDGERS = 64

interface Found {
  /** The newest first, each list. */
  named: Entry[]
  withdrawals: Entry[]
}

/** Remembers what it has found until such an entry comes or goes: a question is answered without a search. */
export class NamedIndexes {
  readonly #found = new BoundedMap<LedgerId, Found>(MAX_LEDGERS)

  /** Of entries below `end`, the newest first. `accused`: hashes of index entries that faults name. */
  async of(ledger: LedgerReader, end: number, accused: readonly Hash[] = []): Promise<NamedIndex[]> {
    const top = Math.min(end, ledger.visible)
    let found = this.#found.get(ledger.id)
    if (found === undefined || !reaches(found, top, ledger.visible)) {
      found = { named: await newest(ledger, INDEX_TYPE, top, MAX_INDEXES), withdrawals: [] }
      // A withdrawal counts from wherever it is.
      if (found.named.length > 0)
        found.withdrawals = await newest(ledger, WITHDRAW_TYPE, ledger.visible, MAX_WITHDRAWALS)
      if (top === ledger.visible) this.#found.set(ledger.id, found)
    }
    const named = found.named.filter(({ header }) => header.seq < top)
    const withdrawals = found.withdrawals.filter(({ header }) => header.seq < ledger.visible)
    return usableOf(named, withdrawals, accused)
  }

  /** Such an entry has come. */
  came(ledger: LedgerId, entries: readonly Pick<Entry, 'header'>[]): void {
    if (entries.some(({ header }) => header.type === INDEX_TYPE || header.type === WITHDRAW_TYPE)) this.forget(ledger)
  }

  /** Entries are gone. */
  forget(ledger: LedgerId): void {
    this.#found.delete(ledger)
  }
}

/** Does it have all that a search below there would find first? */
function reaches({ named, withdrawals }: Found, top: number, visible: number): boolean {
  const isPart = (entries: Entry[], most: number, end: number): boolean =>
    entries.length < most || entries.some(({ header }) => header.seq < end)
  return isPart(named, MAX_INDEXES, top) && isPart(withdrawals, MAX_WITHDRAWALS, visible)
}

async function newest(ledger: LedgerReader, type: string, to: number, limit: number): Promise<Entry[]> {
  const walked = { order: 'desc', span: { from: 0, to }, limit, maxBytes: Infinity } as const
  return (await ledger.walk({ stream: INDEX_STREAM, type }, walked)).found
}

function usableOf(named: Entry[], withdrawals: Entry[], accused: readonly Hash[]): NamedIndex[] {
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
