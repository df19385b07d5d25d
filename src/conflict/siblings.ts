/**
 * Which claims on a key stand side by side: a function of the held headers and the rule (S5), in whatever order they
 * came.
 */
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { maySilence, type ConflictRule } from './rule.js'

export interface Claim {
  ledger: LedgerId
  seq: number
  hash: Hash
}

/** A claim, or a resolution, of `by` refers to the claim `target` as derived from it. */
export interface Sighting {
  target: Hash
  by: LedgerId
  seq: number
  kind: 'claim' | 'resolution'
}

/**
 * The newest claim of each ledger that no other newest claim sees. A claim sees those before it in its ledger, those
 * behind references of claims on this key whose author may silence, and what these see. On every way to the newest
 * claim of a ledger the last step is such a reference to itself: nothing comes after it in its own ledger. So it is
 * enough to look for one, and no vectors have to be kept, nor changed when something comes late. `newest`: one claim a
 * ledger; `sightings`: all held ones of them.
 */
export function siblingsOf<C extends Claim>(
  rule: ConflictRule,
  newest: readonly C[],
  sightings: readonly Sighting[]
): C[] {
  const silenced = new Map<Hash, Set<LedgerId>>()
  for (const { target, by, kind } of sightings) {
    if (kind !== 'claim' || !maySilence(rule, by)) continue
    const authors = silenced.get(target)
    if (authors === undefined) silenced.set(target, new Set([by]))
    else authors.add(by)
  }
  return newest
    .filter(({ hash, ledger }) => ![...(silenced.get(hash) ?? [])].some((by) => by !== ledger))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1))
}
