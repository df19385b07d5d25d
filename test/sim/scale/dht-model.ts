/** What the DHT costs: a model, with the intervals of src/network and Kademlia's k = 20. What is looked up is found. */
import type { Random } from '../../../src/ports.js'
import type { FrameSizes } from './frame-sizes.js'
import { sample, shuffled } from './population.js'
import type { Tally } from './tally.js'
import type { Timeline } from './timeline.js'

/** Kademlia's k: replicas of a record, peers in an answer, providers that end a search. */
const K = 20
/**
 * Each own record is told again after so many ms (src/network/libp2p-node.ts), and the own neighbourhood is looked up.
 */
const REPROVIDE_MS = 60 * 60_000
const SELF_QUERY_MS = 30_000

export class DhtModel {
  readonly #init: { nodes: number; timeline: Timeline; random: Random; tally: Tally; sizes: FrameSizes }
  readonly #ring: number[]
  lookups = 0

  constructor(init: { nodes: number; timeline: Timeline; random: Random; tally: Tally; sizes: FrameSizes }) {
    this.#init = init
    this.#ring = shuffled(
      Array.from({ length: init.nodes }, (_, node) => node),
      init.random
    )
  }

  /** Peers that a node of so large a network is connected to because it asks them: its table of k-buckets. */
  static contacts(nodes: number): number {
    return Math.min(nodes - 1, Math.round(K + K * Math.max(0, Math.log2(nodes / K))))
  }

  /** The node keeps its neighbourhood known. */
  start(node: number): void {
    const { timeline, random } = this.#init
    const look = (): void => {
      this.#ask(node, node, K, 0)
      timeline.after(SELF_QUERY_MS, look)
    }
    timeline.after(random.next() * SELF_QUERY_MS, look)
  }

  /** Says that the node has the ledger, again and again. */
  provide(node: number, ledger: number): void {
    const { timeline, random } = this.#init
    const put = (): void => {
      this.#put(node, ledger)
      timeline.after(REPROVIDE_MS, put)
    }
    this.#put(node, ledger)
    timeline.after(random.next() * REPROVIDE_MS, put)
  }

  /**
   * The providers that a search comes upon, in any order: kad-dht's own order is the same for everybody, src/network
   * shuffles it.
   */
  search(node: number, ledger: number, providers: readonly number[]): number[] {
    this.lookups++
    const many = providers.length >= K
    this.#ask(node, ledger, many ? 1 : K, providers.length)
    return providers.length <= 2 * K
      ? shuffled(providers, this.#init.random)
      : sample(providers.length, K, this.#init.random).map((n) => providers[n]!)
  }

  #put(node: number, ledger: number): void {
    const { tally, sizes } = this.#init
    this.#ask(node, ledger, K, 0)
    for (const peer of this.#closest(ledger, K)) tally.add('dht', node, peer, sizes.addProvider)
  }

  /** About log2(n) peers on the way, then those closest to the key. */
  #ask(node: number, key: number, closest: number, providers: number): void {
    const { nodes, random, tally, sizes } = this.#init
    const hops = Math.min(nodes - 1, Math.ceil(Math.log2(nodes)))
    const asked = [
      ...Array.from({ length: hops }, () => Math.floor(random.next() * nodes)),
      ...this.#closest(key, closest)
    ]
    for (const [n, peer] of asked.entries()) {
      if (peer === node) continue
      tally.add('dht', node, peer, sizes.dhtRequest)
      tally.add('dht', peer, node, sizes.dhtResponse(Math.min(K, nodes - 1), n < hops ? 0 : providers))
    }
  }

  #closest(key: number, count: number): number[] {
    const { nodes } = this.#init
    const start = Math.imul(key + 1, 0x9e3779b1) >>> 0
    return Array.from({ length: Math.min(count, nodes) }, (_, n) => this.#ring[(start + n) % nodes]!)
  }
}
