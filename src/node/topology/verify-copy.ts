import { differsFromOriginal } from '../../core/copy.js'
import type { Entry } from '../../core/entry.js'
import { syncMarkOf } from '../../core/reference.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledger } from '../../ledger/ledger.js'
import { unlessDamaged } from '../../ledger/read/unless-damaged.js'
import type { VerifiedCopy } from '../api/node.js'

/** Compares an adopted entry of `ledger` with its held original; null: the entry is not a copy. */
export async function verifyCopy(
  { seq, meta }: Pick<LedgerEntry, 'seq' | 'meta'>,
  ledger: Pick<Ledger, 'reader'>,
  ledgers: { get: (id: string) => Pick<Ledger, 'reader' | 'counted'> | undefined }
): Promise<VerifiedCopy | null> {
  const mark = syncMarkOf(meta)
  if (mark === null) return null
  const source = ledgers.get(mark.source)
  const at = source === undefined ? null : await source.reader.seqOfHash(mark.originalHash, source.counted)
  const copy = await withPayload(ledger, seq)
  const original = at === null ? null : await withPayload(source!, at)
  if (copy === null || original === null) return { ...mark, state: 'unverified', differs: [] }
  const differs = differsFromOriginal(copy, original)
  return { ...mark, state: differs.length === 0 ? 'verified' : 'false', differs }
}

/** null: not readable. */
async function withPayload({ reader }: Pick<Ledger, 'reader'>, seq: number): Promise<Entry | null> {
  const entry = await unlessDamaged(() => reader.one(seq))
  if (entry !== null) await reader.withPayloads([entry])
  return entry
}
