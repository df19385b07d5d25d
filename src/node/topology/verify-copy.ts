import { differsFromOriginal } from '../../core/copy.js'
import type { Entry } from '../../core/entry.js'
import type { Hash } from '../../core/hash.js'
import { syncMarkOf } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledger } from '../../ledger/ledger.js'
import { unlessDamaged } from '../../ledger/read/unless-damaged.js'
import type { VerifiedCopy } from '../api/node.js'

type Source = Pick<Ledger, 'reader' | 'counted' | 'size' | 'visible' | 'voidedEntry'>

/** Compares an adopted entry of `ledger` with its original, as it is held; null: the entry is not a copy. */
export async function verifyCopy(
  { seq, meta }: Pick<LedgerEntry, 'seq' | 'meta'>,
  ledger: Pick<Ledger, 'reader'>,
  ledgers: { get: (id: string) => Source | undefined }
): Promise<VerifiedCopy | null> {
  const mark = syncMarkOf(meta)
  if (mark === null) return null
  const source = ledgers.get(mark.source)
  const copy = await withPayload(ledger, seq)
  const original = source === undefined ? null : await originalOf(source, mark.originalHash)
  if (copy === null || original === null) return { ...mark, state: 'unverified', differs: [] }
  const differs = differsFromOriginal(copy, original.entry)
  return { ...mark, state: differs.length === 0 ? original.state : 'false', differs }
}

/** null: not held, or not audited yet. */
async function originalOf(
  source: Source,
  hash: Hash
): Promise<{ entry: Entry; state: 'verified' | 'disputed' | 'voided' } | null> {
  const at = await source.reader.seqOfHash(hash, source.size)
  if (at === null) {
    const voided = await unlessDamaged(() => source.voidedEntry(hash))
    return voided === null ? null : { entry: voided, state: 'voided' }
  }
  const isDisputed = at >= source.visible
  if (!isDisputed && at >= source.counted) return null
  const entry = await withPayload(source, at)
  return entry === null ? null : { entry, state: isDisputed ? 'disputed' : 'verified' }
}

/** null: not readable. */
async function withPayload({ reader }: Pick<Ledger, 'reader'>, seq: number): Promise<Entry | null> {
  const entry = await unlessDamaged(() => reader.one(seq))
  if (entry !== null) await reader.withPayloads([entry])
  return entry
}
