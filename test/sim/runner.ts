/**
 * One life of a node: the real sync engine of src/node on a simulated network, disk and clock.
 */
import { strict as assert } from 'node:assert'
import type { WireHead } from '../../protocols/wire.js'
import { ledgerOf, verifyEntrySignature, type Entry } from '../../src/core/entry.js'
import type { HeldLedger } from '../../src/ledger/held-ledger.js'
import { SyncEngine } from '../../src/node/replication/sync-engine.js'
import { deadline } from '../../src/node/runtime/deadline.js'
import type { Clock, Log } from '../../src/ports.js'
import { Sync } from '../../src/sync/sync.js'
import type { PeerHead, SyncEffect, SyncEvent } from '../../src/sync/types.js'
import { decode, entryOf, NETWORK, verifier } from './histories.js'
import type { SimLedger } from './sim-ledger.js'
import type { SimNode } from './sim-node.js'
import { SimPeers } from './sim-peers.js'
import type { World } from './world.js'

/** As sync-engine.ts. */
const LOOK_TIMEOUT_MS = 15_000
/** What a node may have to say of others, and no fault of ours. */
const EXPECTED = new Set(['ledger frozen: its author signed contradictory statements'])

/** Sync as it is, with what goes in and comes out written down. */
class WatchedSync extends Sync {
  readonly #watch: (event: SyncEvent, handle: () => SyncEffect[]) => SyncEffect[]

  constructor(world: World, watch: (event: SyncEvent, handle: () => SyncEffect[]) => SyncEffect[]) {
    super({ random: world.random })
    this.#watch = watch
  }

  override handle(event: SyncEvent, now: number): SyncEffect[] {
    return this.#watch(event, () => super.handle(event, now))
  }
}

export class Runner {
  readonly sync: Sync
  stopped = false
  readonly #world: World
  readonly #node: SimNode
  readonly #clock: Clock
  readonly #peers: SimPeers
  readonly #engine: SyncEngine<SimLedger>
  /** What is being fetched. */
  readonly #fetches = new Map<number, { ledger: string; peer: string }>()

  constructor(world: World, node: SimNode) {
    this.#world = world
    this.#node = node
    this.sync = new WatchedSync(world, (event, handle) => this.#watched(event, handle))
    const clock = (this.#clock = this.#lifeClock())
    const peers = (this.#peers = new SimPeers(world, node))
    const none = (): void => {}
    this.#engine = new SyncEngine<SimLedger>({
      network: NETWORK,
      sync: this.sync,
      requests: peers,
      notices: peers,
      announcer: { announceEvidence: none },
      ledgers: {
        get: (id) => (node.holds(id) ? node.store(id) : undefined),
        list: () => [...node.stores.values()].filter(({ id }) => node.holds(id)),
        own: node.ownHeads,
        findByHash: async (hash) => this.#holding(hash)
      },
      verifier,
      decode,
      load: { level: 'normal' },
      cores: node.cores,
      events: {
        publish: (event) => {
          if (event.kind === 'evidence') node.froze(event.ledger)
        }
      },
      clock,
      log: this.#log(),
      peersFor: () => world.linksOf(node.id),
      mayHear: () => true,
      findLedger: async (id, more) => {
        node.find(id, more)
      },
      filtersOf: (id) => (node.headersOnly.has(id) ? 'headers' : null),
      blockedBy: () => null,
      turnsOf: () => null,
      onRestoring: none,
      onMissing: none,
      onThawed: (ledger) => {
        if (node.follows.includes(ledger.id)) this.begin(ledger)
      },
      onEvent: none
    })
    if (node.credulous)
      this.#engine.heads.check = async (_peer, shown) => ({ claims: shown.map(claimOf), unchecked: [], accused: [] })
  }

  start(): void {
    const { stores, follows } = this.#node
    for (const ledger of stores.values()) this.#hear(ledger)
    for (const id of follows) this.begin(this.#node.store(id))
    this.#engine.resume()
  }

  /** One more, while it runs. */
  follow(ledger: SimLedger): void {
    this.#hear(ledger)
    this.begin(ledger)
  }

  #hear(ledger: SimLedger): void {
    ledger.onStored = (entries) => {
      this.#node.stored(ledger.id, entries)
      this.#engine.stored(ledger, entries)
    }
  }

  stop(): void {
    this.stopped = true
    this.#engine.stop().catch(() => {})
  }

  begin(ledger: SimLedger): void {
    this.#world.stir()
    this.#engine.begin(ledger)
  }

  dispatch(event: SyncEvent): void {
    this.#world.stir()
    if (!this.stopped) this.#engine.dispatch(event)
  }

  /** Asks for heads of ledgers that are not followed: what they contradict comes out. */
  look(peer: string, ledgers: string[]): void {
    const ask = async (): Promise<void> => {
      const signal = deadline(this.#clock, LOOK_TIMEOUT_MS)
      const { heads } = await this.#peers.askHeads(
        peer,
        ledgers.map((ledger) => ({ ledger, size: 0 })),
        signal
      )
      await this.#engine.heads.check(peer, heads, signal)
    }
    this.#world.stir()
    ask().catch(() => {}) // the line: the peer is asked again when it comes again
  }

  /** A head that a peer tells unasked. */
  noticed(peer: string, head: WireHead): void {
    this.#run(this.#engine.onHeads(peer, [head]))
  }

  /** Gossip. False: rejected. */
  async announced(peer: string, ledger: SimLedger, entry: Entry): Promise<boolean> {
    if (!(await verifyEntrySignature(entry, verifier.verify))) return false
    await this.#engine.onAnnounced(peer, ledger, entry)
    return true
  }

  told(peer: string, ledger: string, evidence: Uint8Array): void {
    this.#run(this.#engine.forks.onEvidence(peer, ledger, evidence))
  }

  /** Written down for the digest; and whoever lies or is busy is noted. */
  #watched(event: SyncEvent, handle: () => SyncEffect[]): SyncEffect[] {
    this.#world.note(`${this.#node.id} ${JSON.stringify(event)}`)
    const failed = event.type === 'batch-failed' ? this.#fetches.get(event.fetch) : undefined
    const before = failed === undefined ? 0 : this.#failuresOf(failed)
    const effects = handle()
    for (const effect of effects) {
      this.#world.note(`${this.#node.id} > ${JSON.stringify(effect)}`)
      if (effect.type === 'fetch-range') this.#fetches.set(effect.fetch, effect)
    }
    if (event.type === 'batch-failed' && failed !== undefined) {
      this.#fetches.delete(event.fetch)
      if (event.fault === 'peer') this.#node.caught.push(failed.peer)
      // Unless another fetch was given up in the same moment (the clock was set).
      if (event.code === 'OVERLOADED' && !effects.some(({ type }) => type === 'discard'))
        this.#world.watch?.busy(this.#node, failed.peer, before, this.#failuresOf(failed))
    }
    return effects
  }

  #failuresOf({ ledger, peer }: { ledger: string; peer: string }): number {
    return this.sync.details(ledger, this.#clock.now())?.peers.find((view) => view.peer === peer)?.failures ?? 0
  }

  #holding(hash: string): { ledger: HeldLedger; seq: number } | null {
    const entry = entryOf(hash)
    if (entry === undefined || !this.#node.stores.has(ledgerOf(entry))) return null
    const ledger = this.#node.store(ledgerOf(entry))
    const { seq } = entry.header
    return seq < ledger.visible && ledger.entries[seq]!.hash === hash ? { ledger, seq } : null
  }

  /** What a node that has stopped did not finish is nobody's fault. */
  #run(work: Promise<unknown>): void {
    this.#world.track(
      work.catch((error: unknown) => {
        if (!this.stopped) throw error
      })
    )
  }

  /** The node's own idea of the time; its timers end with it. */
  #lifeClock(): Clock {
    return {
      now: () => this.#node.clock.now(),
      after: (delayMs, callback) => {
        let isOpen = true
        this.#world.after(delayMs, () => {
          if (!isOpen || this.stopped) return
          this.#world.stir()
          callback()
        })
        return () => {
          isOpen = false
        }
      }
    }
  }

  /** What is logged as an error is one. */
  #log(): Log {
    const none = (): void => {}
    return {
      debug: none,
      info: none,
      warn: none,
      error: (fields, message) => {
        if (!this.stopped && !EXPECTED.has(message))
          this.#world.track(Promise.reject(new Error(`${this.#node.id}: ${message} ${JSON.stringify(fields)}`)))
      }
    }
  }
}

/** Believes what is well signed, whosever key it is: sync must cope. */
function claimOf({ ledger, header, signature }: WireHead): PeerHead {
  const entry = decode({ header, signature, payload: null })
  assert(ledgerOf(entry) === ledger)
  return { ledger, size: entry.header.seq + 1, hash: entry.hash }
}
