/** The trust in everybody at once: for rankings, filters and sums. */
import type { LedgerId } from '../core/ledger-id.js'
import { carries, holds, hop, type TrustEdge, type TrustNode } from './edge.js'
import type { TrustGraph } from './graph.js'
import { MAX_HOPS } from './limits.js'

/** Levels in milli by ledger; who is missing has 0. */
export type Levels = Map<LedgerId, number>
type Layer = Map<TrustNode, number>

/**
 * The levels of all others from one asker's view, as `getTrustLevel` gives them one by one.
 * `vouching`: only `full` attestations count, the last ones of a path too, and a direct one of another kind counts as
 * 0.
 */
export function levelsFrom(graph: TrustGraph, asker: LedgerId, now: number, vouching = false): Levels {
  const from = graph.node(asker)
  if (from === undefined) return new Map()
  const best: Layer = new Map()
  // layers[n]: reached with depth for n more edges
  let layers = emptyLayers()
  for (const edge of from.out.values())
    if (carries(edge, 0, now)) enter(layers, best, edge, edge.said.level_milli, MAX_HOPS - 1, vouching)
  for (let hops = 2; hops <= MAX_HOPS; hops++) {
    const next = emptyLayers()
    for (let left = 1; left < layers.length; left++) {
      for (const [node, level] of layers[left]!) {
        for (const edge of node.out.values()) {
          if (carries(edge, 0, now)) enter(next, best, edge, hop(level, edge.said.level_milli), left - 1, vouching)
        }
      }
    }
    layers = next
  }
  const levels: Levels = new Map()
  for (const [node, level] of best) if (node !== from) levels.set(node.ledger, level)
  for (const edge of from.out.values()) {
    if (holds(edge, now) && !edge.to.evidence)
      levels.set(edge.to.ledger, vouching && edge.said.kind !== 'full' ? 0 : edge.said.level_milli)
  }
  for (const [ledger, level] of levels) if (level === 0) levels.delete(ledger)
  return levels
}

function emptyLayers(): Layer[] {
  return Array.from({ length: MAX_HOPS }, () => new Map<TrustNode, number>())
}

function enter(layers: Layer[], best: Layer, edge: TrustEdge, level: number, left: number, vouching: boolean): void {
  if (level === 0 || (vouching && edge.said.kind !== 'full')) return
  if (level > (best.get(edge.to) ?? 0)) best.set(edge.to, level)
  const depth = edge.said.kind === 'full' ? Math.min(left, edge.said.depth) : 0
  const layer = layers[depth]!
  if (depth > 0 && level > (layer.get(edge.to) ?? 0)) layer.set(edge.to, level)
}
