/** What siblings were made from: the newest claim that all of them see. */
import type { Hash } from '../core/hash.js'
import { maySilence, type ConflictRule } from './rule.js'
import type { Claim, Sighting } from './siblings.js'

/**
 * `claims` and `sightings`: all held ones of the key. null: there is none, or there are several and none of them is the
 * newer one.
 */
export function baseOf(
  rule: ConflictRule,
  siblings: readonly Claim[],
  claims: readonly Claim[],
  sightings: readonly Sighting[]
): Claim | null {
  const byHash = new Map(claims.map((claim) => [claim.hash, claim]))
  const place = ({ ledger, seq }: { ledger: string; seq: number }): string => `${ledger} ${seq}`
  const previous = new Map<Hash, Claim>()
  for (const ledger of new Set(claims.map((claim) => claim.ledger))) {
    const own = claims.filter((claim) => claim.ledger === ledger).sort((a, b) => a.seq - b.seq)
    own.forEach((claim, i) => {
      if (i > 0) previous.set(claim.hash, own[i - 1]!)
    })
  }
  const seenAt = new Map<string, Claim[]>()
  for (const { target, by, seq, kind } of sightings) {
    const claim = byHash.get(target)
    if (kind === 'claim' && claim !== undefined && maySilence(rule, by))
      seenAt.set(place({ ledger: by, seq }), [...(seenAt.get(place({ ledger: by, seq })) ?? []), claim])
  }
  const seenBy = (start: Claim): Set<Hash> => {
    const seen = new Set<Hash>()
    const todo = [start]
    for (let claim = todo.pop(); claim !== undefined; claim = todo.pop()) {
      for (const next of [previous.get(claim.hash), ...(seenAt.get(place(claim)) ?? [])]) {
        if (next === undefined || seen.has(next.hash)) continue
        seen.add(next.hash)
        todo.push(next)
      }
    }
    return seen
  }
  const [first, ...others] = siblings.map(seenBy)
  const common = [...(first ?? [])]
    .filter((hash) => others.every((seen) => seen.has(hash)))
    .map((hash) => byHash.get(hash)!)
  const covered = new Set(common.flatMap((claim) => [...seenBy(claim)]))
  const newest = common.filter(({ hash }) => !covered.has(hash))
  return newest.length === 1 ? newest[0]! : null
}
