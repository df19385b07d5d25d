/** A network of a thousand nodes: who is connected to whom, what travels, and what it costs. */
import type { Random } from '../../../src/ports.js'
import { seeded } from '../../sync/desk.js'
import { DhtModel } from './dht-model.js'
import { frameSizes, type FrameSizes } from './frame-sizes.js'
import { GossipModel } from './gossip-model.js'
import { makePopulation, sample, type SimLedger } from './population.js'
import { ScaleNode } from './scale-node.js'
import { Tally, type Kind } from './tally.js'
import { Timeline } from './timeline.js'

/** As in src/network/host-options.ts: above it a node takes no connection in. */
const MAX_CONNECTIONS = 300
/** As in src/node/finder.ts: providers that one search connects to. */
const MAX_FOUND = 16
/** Nodes that everybody joins through, and so many of them each. */
const BOOTSTRAP = 5
/** One way, ms. */
const LATENCY: [number, number] = [20, 150]
/** All nodes start within so many ms. */
const START_MS = 60_000
/** A search in the DHT takes so many ms, and half of that more at most. */
const SEARCH_MS = 1_000
/** As in src/node/discovery/record-gossip.ts: the own record is told anew. */
const RECORD_MS = 10 * 60_000
/** The mesh of the nodes topic. */
const RECORD_MESH = 8
/** libp2p asks every connection for a sign of life, from both sides. */
const PING_MS = 10_000

export class ScaleWorld {
  readonly timeline = new Timeline()
  readonly random: Random
  readonly tally: Tally
  readonly sizes: FrameSizes
  readonly gossip: GossipModel
  readonly dht: DhtModel
  readonly nodes: ScaleNode[]
  readonly ledgers: SimLedger[]
  /** A follower has stored entries. */
  onStored: (node: ScaleNode, ledger: SimLedger, size: number) => void = () => {}
  refused = 0
  readonly #byId: Map<string, SimLedger>

  static async make(nodes: number, ledgers: number, seed: number): Promise<ScaleWorld> {
    const random = seeded(seed)
    return new ScaleWorld(nodes, await makePopulation(nodes, ledgers, random), random)
  }

  private constructor(nodes: number, ledgers: SimLedger[], random: Random) {
    const { timeline } = this
    this.random = random
    this.ledgers = ledgers
    this.#byId = new Map(ledgers.map((ledger) => [ledger.id, ledger]))
    const { id, head } = ledgers[0]!
    const sizes = (this.sizes = frameSizes(id, head.raw, head.hash))
    const tally = (this.tally = new Tally(nodes))
    this.gossip = new GossipModel({
      timeline,
      tally,
      sizes,
      latency: () => this.#latency(),
      nodeAt: (index) => this.nodes[index]!
    })
    this.dht = new DhtModel({ nodes, timeline, random, tally, sizes })
    this.nodes = Array.from({ length: nodes }, (_, index) => new ScaleNode(this, index))
  }

  /** Everybody starts with what it has held before, and connects. */
  start(): void {
    const followed: SimLedger[][] = this.nodes.map(() => [])
    for (const ledger of this.ledgers) for (const node of ledger.followers) followed[node]!.push(ledger)
    const homes = Map.groupBy(this.ledgers, ({ home }) => home)
    for (const node of this.nodes) {
      const own = homes.get(node.index) ?? []
      for (const ledger of own) node.own(ledger)
      this.timeline.after(this.random.next() * START_MS, () => {
        for (const ledger of followed[node.index]!) node.follow(ledger)
        for (const ledger of [...own, ...followed[node.index]!]) this.dht.provide(node.index, ledger.number)
        this.dht.start(node.index)
        this.#join(node)
        this.#tellRecord(node, own[0])
      })
    }
  }

  ledger(id: string): SimLedger {
    return this.#byId.get(id)!
  }

  /** False: it takes no more connections in. */
  connect(a: ScaleNode, b: ScaleNode): boolean {
    if (a === b || a.links.has(b.index)) return true
    if (b.links.size >= MAX_CONNECTIONS) {
      this.refused++
      return false
    }
    a.links.add(b.index)
    b.links.add(a.index)
    for (const [from, to] of [
      [a, b],
      [b, a]
    ] as const) {
      this.tally.add('hello', from.index, to.index, this.sizes.intro)
      this.tally.add(
        'gossip',
        from.index,
        to.index,
        [...from.held.keys()].filter((id) => from.announcer.has(id)).length * this.sizes.subscribe
      )
    }
    a.dispatch({ type: 'connected', peer: String(b.index) })
    b.dispatch({ type: 'connected', peer: String(a.index) })
    return true
  }

  /** As LedgerFinder does: looks providers up and connects to them, or to so many more of them. */
  find(node: ScaleNode, id: string, more = MAX_FOUND): void {
    const ledger = this.ledger(id)
    const providers = [ledger.home, ...ledger.followers].filter((index) => index !== node.index)
    const found = this.dht
      .search(node.index, ledger.number, providers)
      .slice(0, MAX_FOUND)
      .filter((index) => !node.links.has(index))
      .slice(0, more)
    this.timeline.after(SEARCH_MS * (1 + this.random.next() / 2), () => {
      for (const index of found) this.connect(node, this.nodes[index]!)
    })
  }

  send(kind: Kind, from: number, to: number, bytes: number, deliver: (node: ScaleNode) => void): void {
    this.tally.add(kind, from, to, bytes)
    this.timeline.after(this.#latency(), () => {
      deliver(this.nodes[to]!)
    })
  }

  stored(node: ScaleNode, id: string, size: number): void {
    this.onStored(node, this.ledger(id), size)
  }

  /** Signs of life are counted, not played. */
  addPings(ms: number): void {
    for (const { index, links } of this.nodes) {
      const messages = (4 * links.size * ms) / PING_MS
      this.tally.at('link', index, messages * this.sizes.ping, messages)
    }
  }

  /** Followers that no path of connected holders joins to the ledger's home: new entries cannot come to them. */
  cutOff(): number {
    let count = 0
    for (const { home, followers } of this.ledgers) {
      const left = new Set(followers)
      const reached = [home]
      for (let at = reached.pop(); at !== undefined; at = reached.pop()) {
        const { links } = this.nodes[at]!
        for (const next of left) {
          if (!links.has(next)) continue
          left.delete(next)
          reached.push(next)
        }
      }
      count += left.size
    }
    return count
  }

  #join(node: ScaleNode): void {
    const { random, nodes } = this
    const wanted = [
      ...sample(Math.min(BOOTSTRAP, nodes.length), Math.min(3, nodes.length), random),
      ...sample(nodes.length, Math.ceil(DhtModel.contacts(nodes.length) / 2), random)
    ]
    for (const index of wanted) this.connect(node, nodes[index]!)
  }

  /** On all hello streams and by gossip; connected peers and followers of the ledger pass it on. */
  #tellRecord(node: ScaleNode, ledger: SimLedger | undefined): void {
    const { sizes, tally } = this
    for (const index of node.links) {
      tally.add('hello', node.index, index, sizes.recordNotice)
      tally.add('gossip', node.index, index, sizes.record)
    }
    for (const index of new Set([...node.links, ...(ledger?.followers ?? [])])) {
      const links = [...this.nodes[index]!.links]
      for (const n of sample(links.length, Math.min(links.length, RECORD_MESH - 1), this.random))
        tally.add('gossip', index, links[n]!, sizes.record)
    }
    this.timeline.after(RECORD_MS * (0.9 + this.random.next() / 5), () => {
      this.#tellRecord(node, ledger)
    })
  }

  #latency(): number {
    const [least, most] = LATENCY
    return least + this.random.next() * (most - least)
  }
}
