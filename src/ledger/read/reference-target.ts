/**
 * Resolves what a reference points to, as far as it is held here. By hash first: ids are unique only in the own ledger,
 * and the hash decides.
 */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'

/** The entry that a reference points to, fully known. */
export interface ReferenceTarget {
  ledgerId: LedgerId
  entryId: string
  entryHash: Hash
}

export interface AskedReference {
  ledgerId: LedgerId
  entryId: string
  entryHash?: Hash | null | undefined
}

/**
 * `resolved`: held, or (with `held` false) no entry of the ledger is held, so that a given hash is unchecked.
 * `unresolved`: the ledger is held in part, and the entry may still arrive. `contradicted`: that hash is held with
 * another id or in another ledger, or the id with another hash.
 */
export type Resolution =
  | { state: 'resolved'; hash: Hash; held: boolean }
  | { state: 'unresolved' }
  | { state: 'contradicted'; held: ReferenceTarget }

export interface HeldEntries {
  isHeld: (ledger: LedgerId) => boolean
  /** Is it held, and private? */
  isPrivate: (ledger: LedgerId) => boolean
  byHash: (hash: Hash) => Promise<ReferenceTarget | null>
  /** The hash of a held, visible entry. */
  byId: (ledger: LedgerId, entryId: string) => Promise<Hash | null>
}

export async function resolveReference(
  { ledgerId, entryId, entryHash }: AskedReference,
  held: HeldEntries
): Promise<Resolution> {
  if (entryHash == null) {
    const hash = await held.byId(ledgerId, entryId)
    return hash === null ? { state: 'unresolved' } : { state: 'resolved', hash, held: true }
  }
  const target = await held.byHash(entryHash)
  if (target !== null)
    return target.ledgerId === ledgerId && target.entryId === entryId
      ? { state: 'resolved', hash: entryHash, held: true }
      : { state: 'contradicted', held: target }
  if (!held.isHeld(ledgerId)) return { state: 'resolved', hash: entryHash, held: false }
  const other = await held.byId(ledgerId, entryId)
  return other === null
    ? { state: 'unresolved' }
    : { state: 'contradicted', held: { ledgerId, entryId, entryHash: other } }
}
