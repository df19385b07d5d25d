/** A node: what it serves, whom it knows, what survives its restarts. */
import { ledgerOf, type Entry, type RawEntry } from '../../src/core/entry.js'
import { setsKey } from '../../src/core/ledger-types.js'
import type { VerifiedEvidence } from '../../src/core/verify-evidence.js'
import { decode, type History } from './histories.js'
import { NodeClock } from './node-clock.js'
import { isLie, Refusal } from './failure.js'
import { Runner, type WireHead } from './runner.js'
import { SimStore } from './sim-store.js'
import type { World } from './world.js'

/** Between nodes on both sides: each looks for so many, and is found by as many. */
const WANTED_LINKS = 4
const KEEPER_MS = 5_000
/** Holders that a look-up names. */
const FOUND = 4
/** Hubs that a node keeps a link to. */
const HUBS_EACH = 2
/** Links that gossip goes out on. */
const GOSSIP_DEGREE = 6
/** Between two announcements of a ledger that are passed on, ms. */
const GOSSIP_INTERVAL_MS = 100

/** The first `size` of these entries. */
export interface Served { entries: readonly Entry[], size: number }

export class SimNode {
  readonly id: string
  readonly follows: string[]
  runner: Runner
  alive = false
  readonly clock: NodeClock
  /** Believes every well-signed head, whosever key it is: sync must cope. */
  credulous = false
  protected readonly world: World
  readonly stores = new Map<string, SimStore>()
  /** Until when. */
  readonly #bans = new Map<string, number>()
  /** Whom sync dropped, over all lives. */
  readonly dropped: string[] = []
  /** Whose batches proved to be lies. */
  readonly caught: string[] = []
  readonly #seen = new Set<string>()
  /** When an announcement of the ledger was passed on last. */
  readonly #passed = new Map<string, number>()
  /** Ledgers of this author: what is published so far. */
  readonly #authored = new Map<string, { history: History, size: number }>()

  constructor (world: World, id: string, follows: string[]) {
    this.world = world
    this.id = id
    this.follows = follows
    this.clock = new NodeClock(world)
    this.runner = new Runner(world, this)
    world.nodes.set(id, this)
  }

  start (): void {
    if (this.alive) return
    this.alive = true
    this.#bans.clear()
    this.runner = new Runner(this.world, this)
    for (const ledger of this.follows) {
      const { size, chain, frozenAt } = this.store(ledger)
      this.runner.dispatch({ type: 'followed', ledger, size, headHash: chain?.headHash ?? null, ...(frozenAt === null ? {} : { stall: 'FROZEN', frozenAt }) })
    }
    this.#keep(this.runner)
  }

  /** Everything that is only in memory is gone. */
  stop (): void {
    this.alive = false
    this.runner.stopped = true
    for (const peer of this.world.linksOf(this.id)) this.world.disconnect(this.id, peer)
  }

  /** As a power cut does: what was not synced may be gone, in part or all of it. */
  crash (): void {
    this.stop()
    for (const store of this.stores.values()) {
      const lost = Math.floor(this.world.random.next() * (store.size - store.durable + 1))
      if (lost > 0) store.cut(store.size - lost)
    }
  }

  store (ledger: string): SimStore {
    let store = this.stores.get(ledger)
    if (store === undefined) this.stores.set(ledger, store = new SimStore(ledger))
    return store
  }

  /** Appends to the own ledger, and says so. An author of two histories announces each to those who are shown it. */
  publish (history: History, size: number): void {
    this.#authored.set(history.ledger, { history, size })
    for (const branch of history.forkAt < size ? [history.entries, history.branch] : [history.entries]) {
      const head = branch[size - 1]!
      for (const peer of this.world.linksOf(this.id)) {
        if (this.#shown(peer, history)[size - 1] === head) this.world.send(this.id, peer, (node) => { node.announced(this.id, history.ledger, head.raw) })
      }
    }
  }

  #shown (peer: string, history: History): Entry[] {
    return Number(peer.slice(1)) % 2 === 0 ? history.entries : history.branch
  }

  /** What this node hands over of a ledger to a peer: the first `size` of these entries. */
  protected serves (peer: string, ledger: string): Served {
    const own = this.#authored.get(ledger)
    if (own !== undefined) return { entries: this.#shown(peer, own.history), size: own.size }
    const { entries, visible } = this.store(ledger)
    return { entries, size: visible }
  }

  has (peer: string, ledger: string): boolean {
    return this.serves(peer, ledger).size > 0
  }

  heads (peer: string, ledgers: string[]): WireHead[] {
    const heads: WireHead[] = []
    for (const ledger of ledgers) {
      const { entries, size } = this.serves(peer, ledger)
      if (size > 0) heads.push({ ledger, raw: entries[size - 1]!.raw, evidence: this.store(ledger).evidence })
    }
    return heads
  }

  range (peer: string, ledger: string, from: number, count: number): RawEntry[] | Promise<RawEntry[]> {
    if (this.world.busy > 0 && this.world.random.next() < this.world.busy) throw new Refusal('OVERLOADED', { retryMs: 500 })
    const served = this.served(peer, ledger, from, count)
    if (served.length === 0) throw new Refusal('NOT_FOUND', { available: { earliest: 0, size: this.serves(peer, ledger).size } })
    return served.map(({ raw }) => raw)
  }

  served (peer: string, ledger: string, from: number, count: number): Entry[] {
    const { entries, size } = this.serves(peer, ledger)
    return entries.slice(from, Math.min(size, from + count))
  }

  keyEntries (peer: string, ledger: string): Entry[] {
    const { entries, size } = this.serves(peer, ledger)
    return entries.slice(0, size).filter(({ header }) => setsKey(header))
  }

  holds (ledger: string): boolean {
    return this.follows.includes(ledger)
  }

  /** Gossip, as node/announcer.ts judges it: looked into, and passed on once when it is new and signed by the key that is known to be in force. */
  announced (from: string, ledger: string, raw: RawEntry): void {
    if (!this.holds(ledger)) return
    const store = this.store(ledger)
    const entry = decode(raw)
    if (this.#seen.has(entry.hash)) return
    this.#seen.add(entry.hash)
    const { seq, key, prev_hash: prevHash } = entry.header
    if (ledgerOf(entry) !== ledger || (store.frozenAt !== null && seq >= store.visible) || (seq < store.visible && store.entries[seq]!.hash === entry.hash)) return
    const { runner } = this
    const isNew = seq >= store.size && store.chain?.key === key
    this.world.track(runner.claim(from, ledger, raw).then((claim) => {
      if (claim !== null) runner.dispatch({ type: 'announced', peer: from, head: { ...claim, prevHash } })
    }, (error: unknown) => {
      // Gossip is rejected then, which costs its sender standing in the mesh, not the connection.
      if (!isLie(error)) throw error
      this.world.watch?.dropped(this, from)
    }))
    if (!isNew || this.world.now - (this.#passed.get(ledger) ?? 0) < GOSSIP_INTERVAL_MS) return
    this.#passed.set(ledger, this.world.now)
    this.gossip(ledger, raw, from)
  }

  protected gossip (ledger: string, raw: RawEntry, from?: string): void {
    const links = this.world.linksOf(this.id)
    const start = Math.floor(this.world.random.next() * links.length)
    for (let n = 0; n < Math.min(links.length, GOSSIP_DEGREE); n++) {
      const peer = links[(start + n) % links.length]!
      if (peer !== from) this.world.send(this.id, peer, (node) => { node.announced(this.id, ledger, raw) })
    }
  }

  told (from: string, ledger: string, evidence: Uint8Array): void {
    if (!this.holds(ledger)) return
    const { runner } = this
    this.world.track(runner.evidence(ledger, evidence).catch((error: unknown) => {
      if (!isLie(error)) throw error
      runner.drop(from)
    }))
  }

  /** For those who look at it: a well-signed entry that is not stored (so), entries that are stored now, a freeze. */
  sawEntry (_ledger: string, _entry: Entry): void {}
  stored (ledger: string, entries: Entry[]): void { this.world.watch?.stored(this, ledger, entries) }
  froze (ledger: string, evidence: VerifiedEvidence): void { this.world.watch?.froze(this, ledger, evidence) }

  connected (peer: string): void {
    this.runner.dispatch({ type: 'connected', peer })
  }

  disconnected (peer: string): void {
    this.runner.dispatch({ type: 'disconnected', peer })
  }

  ban (peer: string, until: number): void {
    this.#bans.set(peer, until)
    this.dropped.push(peer)
    this.world.watch?.dropped(this, peer)
  }

  refuses (peer: string): boolean {
    return (this.#bans.get(peer) ?? 0) > this.world.now
  }

  /** Looks up who has it, as the DHT would. */
  find (ledger: string, more = FOUND): void {
    const holders = [...this.world.nodes.values()].filter((node) => node !== this && node.alive && node.has(this.id, ledger))
    let connected = 0
    for (let n = 0; n < FOUND && holders.length > 0; n++) {
      const [{ id }] = holders.splice(Math.floor(this.world.random.next() * holders.length), 1) as [SimNode]
      if (this.world.linked(this.id, id)) this.runner.dispatch({ type: 'found', ledger, peer: id })
      else if (connected++ < more) this.world.connect(this.id, id)
    }
  }

  #keep (life: Runner): void {
    if (life.stopped) return
    const { hubs, ids } = this.world
    const isHub = hubs.includes(this.id)
    const start = Number(this.id.slice(1))
    // Nodes that are kept links to: without them a healed partition would stay two networks.
    for (let n = 0; n < (isHub ? hubs.length : HUBS_EACH); n++) this.world.connect(this.id, hubs[(start + n) % hubs.length]!)
    if (this.world.linksOf(this.id).length < WANTED_LINKS) this.world.connect(this.id, this.world.pick(ids))
    this.world.after(KEEPER_MS + this.world.random.next() * KEEPER_MS, () => { this.#keep(life) })
  }
}
