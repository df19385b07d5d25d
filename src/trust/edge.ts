/** The two things that a trust graph is made of, and the arithmetic of one hop. */
import type { LedgerId } from '../core/ledger-id.js'
import type { AttestationStatement } from './attestation.js'
import { HOP_MILLI, MAX_LEVEL_MILLI } from './limits.js'

export interface TrustNode {
  readonly ledger: LedgerId
  /** Are its headers held without a gap, and is there no evidence against it? Otherwise nothing it says counts. */
  usable: boolean
  /** Somebody proved that it signed two histories (I4): its level is 0. */
  evidence: boolean
  /** Its live attestations by subject, and those about it by issuer. */
  readonly out: Map<LedgerId, TrustEdge>
  readonly in: Map<LedgerId, TrustEdge>
}

export interface TrustEdge {
  readonly from: TrustNode
  readonly to: TrustNode
  readonly said: AttestationStatement
}

/** An attestation holds before `expires`, not at it. */
export function holds(edge: TrustEdge, now: number): boolean {
  return edge.from.usable && (edge.said.expires === null || now < edge.said.expires)
}

/**
 * May the edge be followed by `after` more edges? The last edge of a path may be of any kind; those before it must be
 * `full` with that much depth. An edge of level 0 leads nowhere.
 */
export function carries(edge: TrustEdge, after: number, now: number): boolean {
  const { level_milli: level, kind, depth } = edge.said
  return level > 0 && !edge.to.evidence && (after === 0 || (kind === 'full' && depth >= after)) && holds(edge, now)
}

/** The level after one more hop: two products, each rounded down. */
export function hop(level: number, edgeLevel: number): number {
  return Math.floor((Math.floor((level * edgeLevel) / MAX_LEVEL_MILLI) * HOP_MILLI) / MAX_LEVEL_MILLI)
}

/** The lowest level from which a hop still gives `wanted`; above 1000: none does. */
export function beforeHop(wanted: number, edgeLevel: number): number {
  return Math.ceil((Math.ceil((wanted * MAX_LEVEL_MILLI) / HOP_MILLI) * MAX_LEVEL_MILLI) / edgeLevel)
}
