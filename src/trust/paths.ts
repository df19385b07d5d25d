/**
 * How far one ledger trusts another (DESIGN §7), and why. A direct attestation wins over every path, also when it is
 * lower, also 0; it is a word about that ledger only, not about what lies behind it. Levels are never added up: many
 * mediocre paths are not a good one. Whoever holds the same ledgers gets the same answer for the same `now`, to the
 * digit.
 */
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { TrustKind } from './attestation.js'
import { holds, type TrustEdge } from './edge.js'
import type { TrustGraph } from './graph.js'
import { MAX_LEVEL_MILLI } from './limits.js'
import { bestPath } from './search.js'
import type { TrustReason } from './reasons.js'

/** How far a ledger is trusted. */
export interface TrustLevel {
  /** 0–1000. */
  level_milli: number
  /** The kind of the path's last attestation; null: there is none. */
  kind: TrustKind | null
}

/** One attestation of a path. */
export interface TrustStep {
  from: LedgerId
  to: LedgerId
  attestation: Hash
  seq: number
  level_milli: number
  kind: TrustKind
  depth: number
  expires: number | null
  accepted: boolean
  verifiedBy: LedgerId[]
}

/** A level, the path that it comes from, what was used to work it out, and how long it holds. */
export interface TrustExplanation extends TrustLevel {
  from: LedgerId
  to: LedgerId
  /** Is it the asker's own word? Then the path is that one attestation; empty when a ledger is asked about itself. */
  direct: boolean
  path: TrustStep[]
  /**
   * The ledgers whose statements were used: how many entries of each, and how long ago that was known to be all, in ms.
   */
  ledgers: { ledger: LedgerId; size: number; age: number }[]
  /**
   * As long as no ledger says anything new the answer is the same before this time (ms since the epoch); null: for
   * ever.
   */
  validUntil: number | null
  /** Why the level is 0; null when it is not. */
  reason: TrustReason | null
}

interface Answer extends TrustLevel {
  edges: TrustEdge[]
  direct: boolean
  reason: TrustReason | null
}

/** `now` in ms since the epoch. Unknown ledgers have level 0. */
export function getTrustLevel(graph: TrustGraph, from: LedgerId, to: LedgerId, now: number): TrustLevel {
  const { level_milli, kind } = decide(graph, from, to, now)
  return { level_milli, kind }
}

export function explainTrust(graph: TrustGraph, from: LedgerId, to: LedgerId, now: number): TrustExplanation {
  const { level_milli, kind, edges, direct, reason } = decide(graph, from, to, now)
  const used = edges.length === 0 ? [from] : edges.map((edge) => edge.from.ledger)
  const ends = edges.flatMap(({ said }) => said.expires ?? [])
  return {
    from,
    to,
    level_milli,
    kind,
    direct,
    path: edges.map((edge) => step(graph, edge)),
    ledgers: used.flatMap((ledger) => {
      const state = graph.state(ledger)
      return state === undefined ? [] : [{ ledger, size: state.size, age: Math.max(0, now - state.asOf) }]
    }),
    validUntil: ends.length === 0 ? null : Math.min(...ends),
    reason
  }
}

/** Is there any trust from `source` in `target`, and by which attestations? */
export function verifyTrustChain(
  graph: TrustGraph,
  source: LedgerId,
  target: LedgerId,
  now: number
): TrustExplanation & { valid: boolean } {
  const explanation = explainTrust(graph, source, target, now)
  return { valid: explanation.level_milli > 0, ...explanation }
}

function decide(graph: TrustGraph, from: LedgerId, to: LedgerId, now: number): Answer {
  const asker = graph.node(from)
  const target = graph.node(to)
  if (target?.evidence === true) return nothing('EVIDENCE')
  if (asker?.evidence === true) return nothing('ASKER_EVIDENCE')
  if (from === to) return { level_milli: MAX_LEVEL_MILLI, kind: 'full', edges: [], direct: true, reason: null }
  if (asker?.usable !== true) return nothing('ASKER_NOT_HELD')
  if (target === undefined) return nothing(graph.revoked(from, to) ? 'REVOKED' : 'NO_PATH')

  const own = asker.out.get(to)
  if (own !== undefined && holds(own, now)) {
    const { level_milli, kind } = own.said
    return { level_milli, kind, edges: [own], direct: true, reason: level_milli === 0 ? 'ATTESTED_ZERO' : null }
  }
  const best = bestPath(asker, target, now)
  if (best !== null)
    return {
      level_milli: best.level,
      kind: best.edges.at(-1)!.said.kind,
      edges: best.edges,
      direct: false,
      reason: null
    }
  if (own !== undefined) return nothing('EXPIRED')
  return nothing(graph.revoked(from, to) ? 'REVOKED' : 'NO_PATH')
}

function nothing(reason: TrustReason): Answer {
  return { level_milli: 0, kind: null, edges: [], direct: false, reason }
}

function step(graph: TrustGraph, edge: TrustEdge): TrustStep {
  const { hash, seq, level_milli, kind, depth, expires, accepted, verifiedBy } = graph.view(edge)
  return {
    from: edge.from.ledger,
    to: edge.to.ledger,
    attestation: hash,
    seq,
    level_milli,
    kind,
    depth,
    expires,
    accepted,
    verifiedBy
  }
}
