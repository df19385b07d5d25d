/** A node: what it serves, whom it knows, what survives its restarts. */
import type { HeadsAnswer, WantedHead } from '../../protocols/hello/index.js'
import type { PayloadItem } from '../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireHead, type WireKeyEntry } from '../../protocols/wire.js'
import { ledgerOf, type Entry, type RawEntry } from '../../src/core/entry.js'
import type { Hash } from '../../src/core/hash.js'
import { setsKey } from '../../src/core/ledger-types.js'
import type { OwnHeads } from '../../src/node/replication/head-check.js'
import { bare, decode, type History } from './histories.js'
import { NodeClock } from './node-clock.js'
import { Runner } from './runner.js'
import { SimLedger } from './sim-ledger.js'
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
/** One node in so many has few cores: its audit waits for pauses. */
const FEW_CORES_EACH = 8

const NO_LEDGER: OwnHeads = {
  id: '',
  chain: null,
  signer: 'ready',
  keys: { isKnown: () => Promise.resolve(false) },
  sawOwnEntry: () => {
    throw new Error('this node has no ledger of its own')
  }
}

/** The first `size` of these entries. */
export interface Served {
  entries: readonly Entry[]
  size: number
}

export class SimNode {
  readonly id: string
  readonly follows: string[]
  /** Of the ledgers that it follows: without their payloads. */
  readonly headersOnly = new Set<string>()
  readonly cores: number
  runner: Runner
  alive = false
  readonly clock: NodeClock
  /** Believes every well-signed head, whosever key it is: sync must cope. */
  credulous = false
  protected readonly world: World
  readonly stores = new Map<string, SimLedger>()
  /** Until when. */
  readonly #bans = new Map<string, number>()
  /** Whom it dropped, over all lives. */
  readonly dropped: string[] = []
  /** Whose batches proved to be lies. */
  readonly caught: string[] = []
  /** Provable lies that were handed to it, by peer. */
  readonly lies = new Map<string, number>()
  readonly #seen = new Set<string>()
  /** When an announcement of the ledger was passed on last. */
  readonly #passed = new Map<string, number>()
  /** Ledgers of this author: what is published so far. */
  readonly #authored = new Map<string, { history: History; size: number }>()

  constructor(world: World, id: string, follows: string[]) {
    this.world = world
    this.id = id
    this.follows = follows
    this.cores = Number(id.slice(1)) % FEW_CORES_EACH === 0 ? 2 : 4
    this.clock = new NodeClock(world)
    this.runner = new Runner(world, this)
    world.nodes.set(id, this)
  }

  /** As far as others' heads are concerned. */
  get ownHeads(): OwnHeads {
    return NO_LEDGER
  }

  start(): void {
    if (this.alive) return
    this.alive = true
    this.#bans.clear()
    this.runner = new Runner(this.world, this)
    for (const ledger of this.follows) this.store(ledger)
    this.runner.start()
    this.#keep(this.runner)
  }

  /** Everything that is only in memory is gone. */
  stop(): void {
    this.alive = false
    this.runner.stop()
    for (const ledger of this.stores.values()) ledger.stop()
    for (const peer of this.world.linksOf(this.id)) this.world.disconnect(this.id, peer)
  }

  /** As a power cut does: what was not synced may be gone, in part or all of it. */
  crash(): void {
    this.stop()
    for (const store of this.stores.values()) {
      const lost = Math.floor(this.world.random.next() * (store.size - store.durable + 1))
      if (lost > 0) store.cut(store.size - lost)
    }
  }

  store(ledger: string): SimLedger {
    let store = this.stores.get(ledger)
    if (store === undefined) this.stores.set(ledger, (store = new SimLedger(this.world, ledger, this.isOwn(ledger))))
    return store
  }

  protected isOwn(_ledger: string): boolean {
    return false
  }

  /** Appends to the own ledger, and says so. An author of two histories announces each to those who are shown it. */
  publish(history: History, size: number): void {
    this.#authored.set(history.ledger, { history, size })
    for (const branch of history.forkAt < size ? [history.entries, history.branch] : [history.entries]) {
      const head = branch[size - 1]!
      for (const peer of this.world.linksOf(this.id)) {
        if (this.#shown(peer, history)[size - 1] === head)
          this.world.send(this.id, peer, (node) => {
            node.announced(this.id, history.ledger, head.raw)
          })
      }
    }
  }

  #shown(peer: string, history: History): Entry[] {
    return Number(peer.slice(1)) % 2 === 0 ? history.entries : history.branch
  }

  /** What this node hands over of a ledger to a peer: the first `size` of these entries. */
  protected serves(peer: string, ledger: string): Served {
    const own = this.#authored.get(ledger)
    if (own !== undefined) return { entries: this.#shown(peer, own.history), size: own.size }
    const { entries, visible } = this.store(ledger)
    return { entries, size: visible }
  }

  has(peer: string, ledger: string): boolean {
    return this.serves(peer, ledger).size > 0
  }

  /** `heard`: evidence that the asker need not be sent. */
  async head(peer: string, ledger: string, heard: readonly Hash[]): Promise<WireHead | null> {
    const { entries, size } = this.serves(peer, ledger)
    if (size === 0) return null
    const { header, signature } = entries[size - 1]!.raw
    return {
      ledger,
      header,
      signature,
      evidence: await this.store(ledger).heardEvidence.beside(heard),
      checkpoint: null,
      earliest: 0
    }
  }

  /** As sessions/serve-hello.ts. */
  async heads(peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
    for (const { ledger, size, headHash, evidenceIds } of wanted) {
      const served = this.serves(peer, ledger)
      const isSame =
        served.size === size && size > 0 && (headHash === undefined || served.entries[size - 1]!.hash === headHash)
      const head =
        served.size === 0 || (isSame && this.store(ledger).shown === null)
          ? null
          : await this.head(peer, ledger, evidenceIds ?? [])
      if (served.size === 0) answer.none.push(ledger)
      else if (isSame && (head === null || head.evidence === null)) answer.same.push(ledger)
      else answer.heads.push(head!)
    }
    return answer
  }

  range(
    peer: string,
    ledger: string,
    from: number,
    count: number,
    payloads: boolean
  ): WireEntry[] | Promise<WireEntry[]> {
    if (this.world.busy > 0 && this.world.random.next() < this.world.busy)
      throw new WireError('BUSY', 'no time', { retryMs: 500 })
    const served = this.served(peer, ledger, from, count)
    if (served.length === 0) throw this.#unavailable(this.serves(peer, ledger).size)
    return served.map(({ raw, header }) =>
      raw.payload === null || (payloads && this.payload(ledger, header.seq) !== null) ? raw : bare(raw)
    )
  }

  /** As it is held. */
  protected payload(ledger: string, seq: number): Uint8Array | null {
    return this.store(ledger).payload(seq)
  }

  payloads(peer: string, ledger: string, seqs: number[]): PayloadItem[] {
    const { size } = this.serves(peer, ledger)
    if (size === 0) throw this.#unavailable(0)
    return seqs.map((seq) => ({ seq, payload: seq < size ? this.payload(ledger, seq) : null }))
  }

  served(peer: string, ledger: string, from: number, count: number): Entry[] {
    const { entries, size } = this.serves(peer, ledger)
    return entries.slice(from, Math.min(size, from + count))
  }

  keyEntries(peer: string, ledger: string): WireKeyEntry[] {
    const { entries, size } = this.serves(peer, ledger)
    if (size === 0) throw this.#unavailable(0)
    return entries
      .slice(0, size)
      .filter(({ header }) => setsKey(header))
      .map(({ raw }) => raw)
  }

  #unavailable(size: number): WireError {
    return new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size } })
  }

  holds(ledger: string): boolean {
    return this.follows.includes(ledger)
  }

  /**
   * Gossip, as node/announcer.ts judges it: looked into, and passed on once when it is new and signed by the key that
   * is known to be in force.
   */
  announced(from: string, ledger: string, raw: RawEntry): void {
    if (!this.holds(ledger)) return
    const store = this.store(ledger)
    const entry = decode(raw)
    if (this.#seen.has(entry.hash)) return
    this.#seen.add(entry.hash)
    const { seq, key } = entry.header
    if (
      ledgerOf(entry) !== ledger ||
      (store.frozenAt !== null && seq >= store.visible) ||
      (seq < store.visible && store.entries[seq]!.hash === entry.hash)
    )
      return
    const { runner } = this
    const isNew = seq >= store.size && store.chain?.key === key
    this.world.track(
      runner.announced(from, store, entry).then(
        (holds) => {
          // Gossip is rejected then, which costs its sender standing in the gossip mesh, not the connection.
          if (!holds) this.world.watch?.dropped(this, from)
        },
        (error: unknown) => {
          if (!runner.stopped) throw error
        }
      )
    )
    if (!isNew || this.world.now - (this.#passed.get(ledger) ?? 0) < GOSSIP_INTERVAL_MS) return
    this.#passed.set(ledger, this.world.now)
    this.gossip(ledger, raw, from)
  }

  protected gossip(ledger: string, raw: RawEntry, from?: string): void {
    const links = this.world.linksOf(this.id)
    const start = Math.floor(this.world.random.next() * links.length)
    for (let n = 0; n < Math.min(links.length, GOSSIP_DEGREE); n++) {
      const peer = links[(start + n) % links.length]!
      if (peer !== from)
        this.world.send(this.id, peer, (node) => {
          node.announced(this.id, ledger, raw)
        })
    }
  }

  told(from: string, ledger: string, evidence: Uint8Array): void {
    if (this.holds(ledger)) this.runner.told(from, ledger, evidence)
  }

  noticed(from: string, head: WireHead): void {
    if (this.holds(head.ledger)) this.runner.noticed(from, head)
  }

  /** For those who look at it: entries that are stored now, a freeze. */
  stored(ledger: string, entries: Entry[]): void {
    this.world.watch?.stored(this, ledger, entries)
  }
  froze(ledger: string): void {
    this.world.watch?.froze(this, ledger)
  }

  connected(peer: string): void {
    this.runner.dispatch({ type: 'connected', peer })
  }

  disconnected(peer: string): void {
    this.runner.dispatch({ type: 'disconnected', peer })
  }

  ban(peer: string, until: number): void {
    this.#bans.set(peer, until)
    this.dropped.push(peer)
    this.world.watch?.dropped(this, peer)
  }

  refuses(peer: string): boolean {
    return (this.#bans.get(peer) ?? 0) > this.world.now
  }

  /** Looks up who has it, as the DHT would. */
  find(ledger: string, more = FOUND): void {
    const holders = [...this.world.nodes.values()].filter(
      (node) => node !== this && node.alive && node.has(this.id, ledger)
    )
    let connected = 0
    for (let n = 0; n < FOUND && holders.length > 0; n++) {
      const [{ id }] = holders.splice(Math.floor(this.world.random.next() * holders.length), 1) as [SimNode]
      if (this.world.linked(this.id, id)) this.runner.dispatch({ type: 'found', ledger, peer: id })
      else if (connected++ < more) this.world.connect(this.id, id)
    }
  }

  #keep(life: Runner): void {
    if (life.stopped) return
    const { hubs, ids } = this.world
    const isHub = hubs.includes(this.id)
    const start = Number(this.id.slice(1))
    // Nodes that are kept links to: without them a healed partition would stay two networks.
    for (let n = 0; n < (isHub ? hubs.length : HUBS_EACH); n++)
      this.world.connect(this.id, hubs[(start + n) % hubs.length]!)
    if (this.world.linksOf(this.id).length < WANTED_LINKS) this.world.connect(this.id, this.world.pick(ids))
    this.world.after(KEEPER_MS + this.world.random.next() * KEEPER_MS, () => {
      this.#keep(life)
    })
  }
}
