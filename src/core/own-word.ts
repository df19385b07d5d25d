/**
 * Which entries show that entries of the own ledger are missing here (FAULTS R5). Entries by a retired key do not
 * count, above or below the head: otherwise the holder of such a key could stop the signer. Pure.
 */
import { keyHash, type KeyHistory } from './chain.js'
import type { SignedHeader } from './entry.js'
import type { Hash } from './hash.js'

/** `key` is in force from entry `from` on, hex. */
interface Epochs {
  keys: readonly { from: number; key: string }[]
}

export interface OwnKeys extends Epochs {
  /** SHA-256 of the only key that may follow the last one; null: none may. */
  nextKeyHash: Hash | null
}

/** Key entries, and the key history that they prove. */
export interface ShownKeys {
  entries: readonly SignedHeader[]
  history: KeyHistory
}

/** What follows from an own entry that a peer shows: see OwnLedger.sawOwnEntry. */
export type OwnVerdict = 'known' | 'restoring' | 'conflict' | 'unknown'

/** `shown`: a key history that continues ours (see `continuesHistory`); null: none was shown. */
export function countsForOwn(
  { seq, key }: { seq: number; key: string },
  { keys, nextKeyHash }: OwnKeys,
  shown: Epochs | null = null
): boolean {
  const last = keys.at(-1)!
  if (key === last.key) return seq >= last.from
  if (nextKeyHash !== null && keyHash(key) === nextKeyHash) return seq > last.from
  return (
    shown !== null &&
    shown.keys.slice(keys.length).some((later) => later.key === key) &&
    shown.keys.findLast(({ from }) => from <= seq)?.key === key
  )
}

/** Does the other history begin with ours, byte for byte? Length never decides between two histories (R1). */
export function continuesHistory(ours: readonly SignedHeader[], shown: readonly SignedHeader[]): boolean {
  return (
    shown.length >= ours.length &&
    ours.every(
      (entry, i) =>
        Buffer.compare(entry.header, shown[i]!.header) === 0 &&
        Buffer.compare(entry.signature, shown[i]!.signature) === 0
    )
  )
}
