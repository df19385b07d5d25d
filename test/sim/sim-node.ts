/** A node: what it serves, whom it knows, what survives its restarts. */
import type { Entry, RawEntry } from '../../src/core/entry.js'
import { isCoded } from '../../src/core/errors.js'
import { setsKey } from '../../src/core/ledger-types.js'
import type { History } from './histories.js'
import { Refusal, Runner, type WireHead } from './runner.js'
import { SimStore } from './sim-store.js'
import type { World } from './world.js'

const WANTED_LINKS = 3
const KEEPER_MS = 5_000
/** Nodes that everybody keeps a link to: without them a healed partition would stay two networks. */
const BOOTSTRAP = ['n0', 'n1']

export class SimNode {
  readonly id: string
  readonly follows: string[]
  runner: Runner
  alive = false
  /** Believes every well-signed head, whosever key it is: sync must cope. */
  credulous = false
  protected readonly world: World
  readonly #stores = new Map<string, SimStore>()
  readonly #bans = new Set<string>()
  /** Whom sync dropped, over all lives. */
  readonly dropped: string[] = []
  /** Whose batches proved to be lies. */
  readonly caught: string[] = []
  readonly #seen = new Set<string>()
  /** Ledgers of this author: what is published so far. */
  readonly #authored = new Map<string, { history: History, size: number }>()

  constructor (world: World, id: string, follows: string[]) {
    this.world = world
    this.id = id
    this.follows = follows
    this.runner = new Runner(world, this)
    world.nodes.set(id, this)
  }

  start (): void {
    this.alive = true
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

  store (ledger: string): SimStore {
    let store = this.#stores.get(ledger)
    if (store === undefined) this.#stores.set(ledger, store = new SimStore(ledger))
    return store
  }

  /** Appends to the own ledger, and says so. An author of two histories announces each to those who are shown it. */
  publish (history: History, size: number): void {
    this.#authored.set(history.ledger, { history, size })
    for (const branch of history.forkAt < size ? [history.entries, history.branch] : [history.entries]) {
      const head = branch[size - 1]!
      for (const peer of this.world.linksOf(this.id)) {
        if (this.#shown(peer, history, size)[size - 1] === head) this.world.send(this.id, peer, (node) => { node.announced(this.id, history.ledger, head.raw) })
      }
    }
  }

  #shown (peer: string, history: History, size: number): Entry[] {
    return (Number(peer.slice(1)) % 2 === 0 ? history.entries : history.branch).slice(0, size)
  }

  /** What this node hands over of a ledger to a peer. */
  protected serves (peer: string, ledger: string): Entry[] {
    const own = this.#authored.get(ledger)
    return own === undefined ? this.store(ledger).visible : this.#shown(peer, own.history, own.size)
  }

  heads (peer: string, ledgers: string[]): WireHead[] {
    const heads: WireHead[] = []
    for (const ledger of ledgers) {
      const head = this.serves(peer, ledger).at(-1)
      if (head !== undefined) heads.push({ ledger, raw: head.raw, evidence: this.store(ledger).evidence })
    }
    return heads
  }

  range (peer: string, ledger: string, from: number, count: number): RawEntry[] | Promise<RawEntry[]> {
    const entries = this.serves(peer, ledger)
    if (from >= entries.length) throw new Refusal('NOT_FOUND', { available: { earliest: 0, size: entries.length } })
    return entries.slice(from, from + count).map(({ raw }) => raw)
  }

  keyEntries (ledger: string): Entry[] {
    const own = this.#authored.get(ledger)
    return (own === undefined ? this.store(ledger).visible : own.history.entries.slice(0, own.size)).filter(({ header }) => setsKey(header))
  }

  /** Gossip: checked before it is passed on, passed on once. */
  announced (from: string, ledger: string, raw: RawEntry): void {
    const id = Buffer.from(raw.signature).toString('hex')
    if (!this.follows.includes(ledger) || this.#seen.has(id)) return
    this.#seen.add(id)
    const { runner } = this
    this.world.track(runner.claim(from, ledger, raw).then((claim) => {
      if (claim === null || runner.stopped) return
      runner.dispatch({ type: 'announced', peer: from, head: { ...claim, prevHash: (JSON.parse(Buffer.from(raw.header).toString()) as { prev_hash: string | null }).prev_hash } })
      for (const peer of this.world.linksOf(this.id)) if (peer !== from) this.world.send(this.id, peer, (node) => { node.announced(this.id, ledger, raw) })
    }, ignoreLies))
  }

  told (_from: string, ledger: string, evidence: Uint8Array): void {
    if (this.follows.includes(ledger)) this.world.track(this.runner.evidence(ledger, evidence).catch(ignoreLies))
  }

  connected (peer: string): void {
    this.runner.dispatch({ type: 'connected', peer })
  }

  disconnected (peer: string): void {
    this.runner.dispatch({ type: 'disconnected', peer })
  }

  ban (peer: string): void {
    this.#bans.add(peer)
    this.dropped.push(peer)
  }

  refuses (peer: string): boolean {
    return this.#bans.has(peer)
  }

  /** Looks somebody up who has it, as the DHT would. */
  find (ledger: string): void {
    const holders = [...this.world.nodes.values()].filter((node) => node !== this && node.serves(this.id, ledger).length > 0)
    if (holders.length === 0) return
    const { id } = this.world.pick(holders)
    if (this.world.linked(this.id, id)) this.runner.dispatch({ type: 'found', ledger, peer: id })
    else this.world.connect(this.id, id)
  }

  #keep (life: Runner): void {
    if (life.stopped) return
    for (const node of BOOTSTRAP) this.world.connect(this.id, node)
    if (this.world.linksOf(this.id).length < WANTED_LINKS) this.world.connect(this.id, this.world.pick([...this.world.nodes.keys()]))
    this.world.after(KEEPER_MS + this.world.random.next() * KEEPER_MS, () => { this.#keep(life) })
  }
}

function ignoreLies (error: unknown): void {
  if (!isCoded(error)) throw error
}

