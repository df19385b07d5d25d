/**
 * What may be summed over attesters (votes, budgets): a maximum flow from the asker through attestations, each with its
 * level as capacity. However many ledgers stand behind an attestation, together they weigh no more than it.
 *
 * The network: `full` attestations that hold. One can be used if a path from the asker reaches it within four hops and
 * within the depths along that path; once in, its capacity may be used by any flow (keeping depths apart for each unit
 * of flow would have no exact solution that one could afford). An attester takes out at most its own level (of `full`
 * attestations; a direct one decides), so nobody weighs more than he is trusted.
 *
 * The total is unique. The split is made so: attesters are served from the highest level down, then from the lowest
 * LedgerId up, each as much as can still be added without taking from those before. Serving one after the other reaches
 * the maximum of all.
 */
import type { LedgerId } from '../core/ledger-id.js'
import { carries, type TrustNode } from './edge.js'
import type { TrustGraph } from './graph.js'
import { levelsFrom } from './levels.js'
import { MAX_HOPS } from './limits.js'

export interface TrustWeight {
  /** Sum of all shares, in milli. */
  total_milli: number
  /** One for each distinct attester, in the order in which they were served. */
  attesters: { ledger: LedgerId; level_milli: number; weight_milli: number }[]
}

/** An arc and its reverse stand at 2i and 2i + 1. */
interface Network {
  /** Vertices by ledger; the asker is 0. */
  vertices: Map<TrustNode, number>
  /** Arcs that enter each vertex. */
  entering: number[][]
  tail: number[]
  residual: number[]
}

/** `now` in ms since the epoch. The asker itself and those of level 0 weigh nothing. */
export function weigh(graph: TrustGraph, from: LedgerId, attesters: LedgerId[], now: number): TrustWeight {
  const levels = levelsFrom(graph, from, now, true)
  const asker = graph.node(from)
  const served = [...new Set(attesters)]
    .map((ledger) => ({ ledger, level_milli: levels.get(ledger) ?? 0, weight_milli: 0 }))
    .sort((a, b) => b.level_milli - a.level_milli || (a.ledger < b.ledger ? -1 : 1))
  let total = 0
  if (asker !== undefined) {
    const network = makeNetwork(asker, now)
    // who could not be reached once never will: added flow opens ways only between ledgers that were reachable before
    const dead = new Set<number>()
    for (const attester of served) {
      const vertex = network.vertices.get(graph.node(attester.ledger)!)
      if (attester.level_milli === 0 || vertex === undefined) continue
      attester.weight_milli = push(network, vertex, attester.level_milli, dead)
      total += attester.weight_milli
    }
  }
  return { total_milli: total, attesters: served }
}

function makeNetwork(asker: TrustNode, now: number): Network {
  const network: Network = { vertices: new Map([[asker, 0]]), entering: [[]], tail: [], residual: [] }
  // how many more hops may follow, at best; ledgers are taken from the most to the least
  const left = new Map([[asker, MAX_HOPS]])
  for (let hops = MAX_HOPS; hops > 0; hops--) {
    // the set grows while it is walked, but only by ledgers with fewer hops left
    for (const [node, own] of [...left]) {
      if (own !== hops) continue
      for (const edge of node.out.values()) {
        if (!carries(edge, 0, now) || edge.said.kind !== 'full') continue
        addArc(network, node, edge.to, edge.said.level_milli)
        const after = Math.min(hops - 1, edge.said.depth)
        if (after > (left.get(edge.to) ?? -1)) left.set(edge.to, after)
      }
    }
  }
  return network
}

function addArc(network: Network, from: TrustNode, to: TrustNode, capacity: number): void {
  const tail = vertexOf(network, from)
  const head = vertexOf(network, to)
  network.entering[head]!.push(network.tail.length)
  network.tail.push(tail)
  network.residual.push(capacity)
  network.entering[tail]!.push(network.tail.length)
  network.tail.push(head)
  network.residual.push(0)
}

function vertexOf(network: Network, node: TrustNode): number {
  let vertex = network.vertices.get(node)
  if (vertex === undefined) {
    vertex = network.vertices.size
    network.vertices.set(node, vertex)
    network.entering.push([])
  }
  return vertex
}

/** Adds flow from vertex 0 to the target by shortest ways, at most `wanted`; returns how much. */
function push(network: Network, target: number, wanted: number, dead: Set<number>): number {
  let pushed = 0
  while (pushed < wanted) {
    const way = findWay(network, target, dead)
    if (way === null) break
    let amount = wanted - pushed
    for (const arc of way) amount = Math.min(amount, network.residual[arc]!)
    for (const arc of way) {
      network.residual[arc]! -= amount
      network.residual[arc ^ 1]! += amount
    }
    pushed += amount
  }
  return pushed
}

/** The arcs of a shortest way from vertex 0 to the target that has room, searched from the target back. */
function findWay(network: Network, target: number, dead: Set<number>): number[] | null {
  if (dead.has(target)) return null
  /** The arc by which each vertex leads on to the target. */
  const onward = new Map<number, number>([[target, -1]])
  const queue = [target]
  for (const vertex of queue) {
    for (const arc of network.entering[vertex]!) {
      const tail = network.tail[arc]!
      if (network.residual[arc] === 0 || onward.has(tail) || dead.has(tail)) continue
      onward.set(tail, arc)
      if (tail === 0) return wayFrom(network, onward)
      queue.push(tail)
    }
  }
  for (const vertex of queue) dead.add(vertex)
  return null
}

function wayFrom(network: Network, onward: Map<number, number>): number[] {
  const way: number[] = []
  for (let arc = onward.get(0)!; arc !== -1; arc = onward.get(network.tail[arc ^ 1]!)!) way.push(arc)
  return way
}
