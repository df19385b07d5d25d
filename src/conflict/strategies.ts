/**
 * Who wins among siblings. Each strategy is a choice of the greatest by a total order: the same for a set in whatever
 * order, and whichever parts are compared first.
 */
import type { Hash } from '../core/hash.js'
import { LATER_MS } from './limits.js'
import type { ConflictRule } from './rule.js'
import type { Claim } from './siblings.js'

/** ms since the epoch: what the author says, and when it was first stored here. */
export interface DatedClaim extends Claim {
  timestamp: number
  storedAt: number
}

/**
 * `clamped`: claims that were dated later than they can be believed here. Other nodes may have stored them at another
 * time, and choose otherwise.
 */
export interface Decision {
  winner: Hash | null
  clamped: Hash[]
}

/** null: nothing decides by itself. */
export function decide(rule: ConflictRule, siblings: readonly DatedClaim[]): Decision {
  if (rule.strategy === 'source-priority') {
    const first = rule.priority.find((ledger) => siblings.some((claim) => claim.ledger === ledger))
    if (first !== undefined) return { winner: siblings.find(({ ledger }) => ledger === first)!.hash, clamped: [] }
    if (rule.otherwise === 'last-write-wins') return lastWrite(siblings)
  }
  return rule.strategy === 'last-write-wins' ? lastWrite(siblings) : { winner: null, clamped: [] }
}

/**
 * "A claim dated later than storedAt + 120 s loses to every sibling that is not": a late joiner stores a lie and its
 * rivals at once, and a bound alone would let the lie win.
 */
function lastWrite(siblings: readonly DatedClaim[]): Decision {
  const isClamped = ({ timestamp, storedAt }: DatedClaim): boolean => timestamp > storedAt + LATER_MS
  const time = (claim: DatedClaim): number => Math.min(claim.timestamp, claim.storedAt + LATER_MS)
  const isLater = (a: DatedClaim, b: DatedClaim): boolean => {
    if (isClamped(a) !== isClamped(b)) return isClamped(b)
    return time(a) === time(b) ? a.hash > b.hash : time(a) > time(b)
  }
  let winner: DatedClaim | null = null
  for (const claim of siblings) if (winner === null || isLater(claim, winner)) winner = claim
  return {
    winner: winner?.hash ?? null,
    clamped: siblings
      .filter(isClamped)
      .map(({ hash }) => hash)
      .sort()
  }
}
