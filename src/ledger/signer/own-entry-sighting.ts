/** Handles an own entry that a peer shows: is it stored here, and what follows for the signer if it is not? (R5) */
import { verifyEntrySignature, type Entry } from '../../core/entry.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { OwnVerdict, ShownKeys } from '../../core/own-word.js'
import type { Verify } from '../../core/signature.js'
import type { OwnKeys } from './own-keys.js'
import type { SignerGuard } from './signer-guard.js'

export interface SightingInit {
  /** The own ledger. */
  id: LedgerId
  size: () => number
  storedHash: (seq: number) => Promise<Hash | null>
  /** Runs alone with the ledger's writes. */
  exclusive: (run: () => Promise<OwnVerdict>) => Promise<OwnVerdict>
  keys: OwnKeys
  guard: SignerGuard
  verify: Verify
}

/** `shown`: key entries that the peer showed, verified. See OwnLedger.sawOwnEntry. */
export async function judgeSighting(
  entry: Entry,
  shown: ShownKeys | null,
  { id, size, storedHash, exclusive, keys, guard, verify }: SightingInit
): Promise<OwnVerdict> {
  const { header, hash } = entry
  const { seq } = header
  const held = async (): Promise<boolean> => (await storedHash(seq)) === hash
  if (await held()) return 'known'
  if (header.ledger !== id || !(await keys.counts(header, shown)) || !(await verifyEntrySignature(entry, verify)))
    return 'unknown'
  return await exclusive(async () => {
    if (await held()) return 'known' // committed meanwhile
    const isBelowHead = seq < size()
    const lacking = isBelowHead ? await guard.contradicted(id, { seq, hash }) : guard.lacks({ seq, hash })
    return !lacking ? 'unknown' : isBelowHead ? 'conflict' : 'restoring'
  })
}
