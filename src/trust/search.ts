/**
 * The best path of attestations between two ledgers: the highest level, then the fewest hops, then the lowest
 * LedgerIds. Edge i of a path of n needs depth for the n - 1 - i edges after it, so each length is searched by itself,
 * in layers: forward from the asker, and for the last two layers backward from the target, which keeps a search from
 * walking the whole graph for one target. Walks need no check for cycles: cutting a cycle out leaves a shorter path of
 * at least the same level.
 */
import { beforeHop, carries, hop, type TrustEdge, type TrustNode } from './edge.js'
import { HOP_MILLI, MAX_HOPS, MAX_LEVEL_MILLI } from './limits.js'

export interface BestPath {
  level: number
  edges: TrustEdge[]
}

/** Levels, or lowest levels needed, of the ledgers in one layer. */
type Layer = Map<TrustNode, number>

/** Paths of two to four hops; null: none gives a level above 0. */
export function bestPath(from: TrustNode, to: TrustNode, now: number): BestPath | null {
  let level = 0
  let hops = 0
  for (let length = 2; length <= MAX_HOPS; length++) {
    const found = bestLevel(from, to, length, level, now)
    // it is more or 0: at the same level the shorter path counts
    if (found > level) [level, hops] = [found, length]
  }
  return level === 0 ? null : { level, edges: lowestPath(from, to, hops, level, now) }
}

/** The best level by exactly `length` hops if it is above `floor`. */
function bestLevel(from: TrustNode, to: TrustNode, length: number, floor: number, now: number): number {
  let layer: Layer = new Map()
  for (const edge of from.out.values()) {
    if (carries(edge, length - 1, now) && canExceed(floor, edge.said.level_milli, length - 1))
      layer.set(edge.to, edge.said.level_milli)
  }
  for (let after = length - 2; after >= 0 && layer.size > 0; after--) {
    const next: Layer = new Map()
    const reach = (edge: TrustEdge): void => {
      const before = layer.get(edge.from)
      if (before === undefined || !carries(edge, after, now)) return
      const level = hop(before, edge.said.level_milli)
      if (level > (next.get(edge.to) ?? 0) && canExceed(floor, level, after)) next.set(edge.to, level)
    }
    if (after === 0) {
      for (const edge of to.in.values()) reach(edge)
    } else if (after === 1) {
      for (const last of to.in.values())
        if (carries(last, 0, now)) for (const edge of last.from.in.values()) reach(edge)
    } else {
      for (const node of layer.keys()) for (const edge of node.out.values()) reach(edge)
    }
    layer = next
  }
  return layer.get(to) ?? 0
}

function canExceed(floor: number, level: number, after: number): boolean {
  for (; after > 0; after--) level = Math.floor((level * HOP_MILLI) / MAX_LEVEL_MILLI)
  return level > floor
}

/**
 * Of all paths of that length and level the one with the lowest LedgerIds, first hop first. Rounding makes different
 * levels meet later, so the best prefix is not enough: this asks of each ledger what level it must be reached with,
 * then takes the lowest that is.
 */
function lowestPath(from: TrustNode, to: TrustNode, length: number, level: number, now: number): TrustEdge[] {
  const needed: Layer[] = [new Map([[to, level]])]
  for (let after = 0; after < length - 1; after++) needed.push(neededBefore(needed[after]!, from, after, now))
  const edges: TrustEdge[] = []
  let node = from
  let reached = 0
  for (let after = length - 1; after >= 0; after--) {
    let lowest: TrustEdge | undefined
    const candidates = after === 0 ? [node.out.get(to.ledger)] : node.out.values()
    for (const edge of candidates) {
      if (edge === undefined || !carries(edge, after, now)) continue
      if (lowest !== undefined && lowest.to.ledger < edge.to.ledger) continue
      if (levelAfter(edges, reached, edge) >= (needed[after]!.get(edge.to) ?? Infinity)) lowest = edge
    }
    reached = levelAfter(edges, reached, lowest!)
    edges.push(lowest!)
    node = lowest!.to
  }
  return edges
}

function levelAfter(edges: TrustEdge[], reached: number, edge: TrustEdge): number {
  return edges.length === 0 ? edge.said.level_milli : hop(reached, edge.said.level_milli)
}

/**
 * What the ledgers one edge earlier must be reached with; three edges before the target only those next to the asker
 * are of interest.
 */
function neededBefore(needed: Layer, from: TrustNode, after: number, now: number): Layer {
  const before: Layer = new Map()
  const ask = (edge: TrustEdge): void => {
    const wanted = needed.get(edge.to)
    if (wanted === undefined || !carries(edge, after, now)) return
    const level = beforeHop(wanted, edge.said.level_milli)
    if (level <= MAX_LEVEL_MILLI && level < (before.get(edge.from) ?? Infinity)) before.set(edge.from, level)
  }
  if (after < 2) {
    for (const node of needed.keys()) for (const edge of node.in.values()) ask(edge)
  } else {
    for (const first of from.out.values())
      if (carries(first, after + 1, now)) for (const edge of first.to.out.values()) ask(edge)
  }
  return before
}
