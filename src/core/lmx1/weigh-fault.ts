/**
 * What an index fault that checks means for a ledger that is known. A file shows one branch, by the keys that it chose
 * to show; whoever stole a retired key, or holds a branch that was left behind, can make one of his own. So it counts
 * only where its index is part of the branch that is believed, and the one who vouches for its tree is not retired
 * there.
 */
import type { KeyEpoch } from '../chain.js'
import { isRetired } from '../judge-evidence.js'
import type { VerifiedIndexFault } from './verify-index-fault.js'

/** The branch that is believed here: one that is held, or one of which checkpoints are remembered. */
export interface KnownBranch {
  keys: readonly KeyEpoch[]
  /**
   * So many first entries of the fault's tree are shown to be this branch's: the last entry of it that is quoted is held
   * with that hash, or a consistency proof leads from the one checkpoint to the other.
   */
  shared: number
  /** Entries that are believed; null: all of them. */
  frozen: number | null
}

/**
 * `counts`: against the index that it names. `excused`: by a key that is retired here. `apart`: of another branch, or
 * of what is in dispute. What does not count is neither kept nor passed on.
 */
export type FaultVerdict = 'counts' | 'excused' | 'apart'

export function weighFault({ last, tree }: VerifiedIndexFault, { keys, shared, frozen }: KnownBranch): FaultVerdict {
  if (isRetired({ keys }, tree.key)) return 'excused'
  return last < Math.min(shared, frozen ?? Infinity) ? 'counts' : 'apart'
}
