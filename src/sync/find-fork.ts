import type { Hash } from '../core/hash.js'

/** The hash of the entry `seq` of one of two histories. May throw: the search ends with that error. */
export type HashAt = (seq: number) => Hash | Promise<Hash>

/**
 * The lowest seq below `before` at which two histories differ, or null when entry `before - 1` is the same in both
 * (then all before it are). Forks are mostly recent: searches back in doubling steps first, then by bisection; about
 * 2·log2 of the fork's age requests. One seq is requested at most once, so a peer that changes its answers meanwhile
 * cannot make the search longer.
 */
export async function findFork(before: number, ours: HashAt, theirs: HashAt): Promise<number | null> {
  const differs = async (seq: number): Promise<boolean> => (await theirs(seq)) !== (await ours(seq))
  if (before <= 0 || !(await differs(before - 1))) return null
  let different = before - 1
  let same = -1
  for (let step = 1; different > 0; step *= 2) {
    const seq = Math.max(0, different - step)
    if (!(await differs(seq))) {
      same = seq
      break
    }
    different = seq
  }
  while (different - same > 1) {
    const middle = same + Math.floor((different - same) / 2)
    if (await differs(middle)) different = middle
    else same = middle
  }
  return different
}
