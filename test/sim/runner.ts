/** Runs what sync decides, as node/effects.ts does, on a simulated network and store. One runner is one life of a node. */
import { keyHash, keyInForce, verifyKeyEntries, verifyRange } from '../../src/core/chain.js'
import { ledgerOf, verifyEntrySignature, type Entry, type RawEntry } from '../../src/core/entry.js'
import { isCoded, LedgermeshError } from '../../src/core/errors.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { partedEarlier } from '../../src/core/parted-earlier.js'
import { disputedFrom, verifyEvidence, type VerifiedEvidence } from '../../src/core/verify-evidence.js'
import { findFork } from '../../src/sync/find-fork.js'
import { Sync } from '../../src/sync/sync.js'
import type { Blame, PeerHead, SyncEffect, SyncEvent } from '../../src/sync/types.js'
import { failureOf, isLie } from './failure.js'
import { decode, NETWORK, verify } from './histories.js'
import type { SimNode } from './sim-node.js'
import type { SimStore } from './sim-store.js'
import type { World } from './world.js'

const HEADS_TIMEOUT_MS = 15_000
const RANGE_TIMEOUT_MS = 30_000
/** A dropped peer does not come back for so long, unless the node restarts. */
const BAN_MS = 600_000
export interface WireHead { ledger: string, raw: RawEntry, evidence: Uint8Array | null }

export class Runner {
  readonly sync: Sync
  stopped = false
  readonly #world: World
  readonly #node: SimNode
  readonly #waiting = new Map<number, { ledger: string, entries: Entry[] | null }>()
  readonly #events: SyncEvent[] = []
  /** Ledgers with a conflict that is being looked into. */
  readonly #conflicts = new Set<string>()
  /** Evidence about ledgers of which nothing is held yet. */
  readonly #early = new Map<string, Uint8Array>()
  #wakes = 0
  #discards = 0

  constructor (world: World, node: SimNode) {
    this.#world = world
    this.#node = node
    this.sync = new Sync({ random: world.random })
  }

  /** An event that an effect brings about has its turn after all effects of the one before. */
  dispatch (event: SyncEvent): void {
    if (this.stopped || this.#events.push(event) > 1) return
    for (let next = this.#events[0]; next !== undefined; this.#events.shift(), next = this.#events[0]) {
      this.#world.note(`${this.#node.id} ${JSON.stringify(next)}`)
      for (const effect of this.sync.handle(next, this.#node.clock.now())) {
        this.#world.note(`${this.#node.id} > ${JSON.stringify(effect)}`)
        this.#perform(effect)
      }
    }
  }

  #perform (effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head': this.#world.track(this.#fetchHeads(effect)); break
      case 'fetch-range': this.#world.track(this.#fetchRange(effect)); break
      case 'store': this.#store(effect); break
      case 'discard':
        this.#waiting.delete(effect.fetch)
        this.#discards++
        break
      case 'find-fork': this.#world.track(this.#findFork(effect)); break
      case 'dial': this.#node.find(effect.ledger, effect.more); break
      case 'drop': this.drop(effect.peer); break
      case 'wake-at': {
        const wake = ++this.#wakes
        this.#world.after(this.#node.clock.until(effect.at), () => { if (wake === this.#wakes) this.dispatch({ type: 'tick' }) })
      }
    }
  }

  drop (peer: string): void {
    this.#node.ban(peer, this.#world.now + BAN_MS)
    this.#world.after(0, () => { this.#world.disconnect(this.#node.id, peer) })
  }

  async #fetchHeads ({ peer, ledgers }: Extract<SyncEffect, { type: 'fetch-head' }>): Promise<void> {
    const wanted = ledgers.map(({ ledger }) => ledger)
    try {
      const shown = await this.#world.ask(this.#node.id, peer, HEADS_TIMEOUT_MS, (node) => node.heads(this.#node.id, wanted))
      const heads = await this.#check(peer, shown)
      if (this.stopped) return
      this.dispatch({ type: 'heads', peer, heads, none: wanted.filter((id) => !heads.some(({ ledger }) => ledger === id)), denied: [] })
    } catch (error) {
      this.dispatch({ type: 'heads-failed', peer, ledgers: wanted, ...failureOf(error) })
    }
  }

  /** Asks for heads of ledgers that are not followed: what they contradict comes out. */
  async look (peer: string, ledgers: string[]): Promise<void> {
    try {
      await this.#check(peer, await this.#world.ask(this.#node.id, peer, HEADS_TIMEOUT_MS, (node) => node.heads(this.#node.id, ledgers)))
    } catch (error) {
      if (!isCoded(error)) throw error
    }
  }

  /** As node/head-check.ts: the heads that are claims. A forged one costs the peer its connection. */
  async #check (peer: string, shown: WireHead[]): Promise<PeerHead[]> {
    const claims: PeerHead[] = []
    for (const head of shown) {
      if (!this.#node.holds(head.ledger)) continue
      try {
        if (head.evidence !== null) await this.evidence(head.ledger, head.evidence)
        const claim = await this.claim(peer, head.ledger, head.raw)
        if (claim !== null) claims.push(claim)
      } catch (error) {
        if (!isLie(error)) throw error
        this.drop(peer)
        break
      }
    }
    return claims
  }

  /** Null: a well-signed head by a key that is not shown to be the ledger's (it says nothing), or in conflict with what we hold. */
  async claim (peer: string, ledger: string, raw: RawEntry): Promise<PeerHead | null> {
    const store = this.#node.store(ledger)
    const entry = decode(raw)
    if (ledgerOf(entry) !== ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
    if (!await verifyEntrySignature(entry, verify)) throw new LedgermeshError('BAD_SIGNATURE', 'a head')
    const { seq, key } = entry.header
    const claim = { ledger, size: seq + 1, hash: entry.hash }
    if (store.frozenAt !== null && seq >= store.visible) {
      if (seq >= store.frozenAt) await this.#older(peer, store)
      return seq < store.frozenAt ? claim : null
    }
    if (store.entries[seq]?.hash === entry.hash) return claim
    this.#node.sawEntry(ledger, entry)
    if (seq < store.size) {
      await this.#conflict(peer, store, entry)
      return null
    }
    if (this.#node.credulous || store.chain?.key === key) return claim
    try {
      const keys = await this.#world.ask(this.#node.id, peer, HEADS_TIMEOUT_MS, (node) => node.keyEntries(this.#node.id, ledger))
      return keyInForce(await verifyKeyEntries(ledger, keys, verify), seq) === key ? claim : null
    } catch (error) {
      if (!isCoded(error)) throw error
      return null
    }
  }

  /** The histories may part below what is frozen: this peer may have the other one. */
  async #older (peer: string, store: SimStore): Promise<void> {
    if (this.#conflicts.has(store.ledger) || !partedEarlier(store.evidence!)) return
    this.#conflicts.add(store.ledger)
    try {
      await this.#search(peer, store, store.visible)
    } catch (error) {
      if (!isCoded(error)) throw error
    } finally {
      this.#conflicts.delete(store.ledger)
    }
  }

  /** A peer showed a well-signed entry of which we hold another one. The histories may part earlier. */
  async #conflict (peer: string, store: SimStore, theirs: Entry): Promise<void> {
    if (this.#conflicts.has(store.ledger)) return
    this.#conflicts.add(store.ledger)
    try {
      if (await this.#search(peer, store, theirs.header.seq + 1)) return
    } catch (error) {
      if (!isCoded(error)) throw error
    } finally {
      this.#conflicts.delete(store.ledger)
    }
    await this.#accuse(store, theirs)
  }

  async #fetchRange ({ fetch, ledger, peer, from, count }: Extract<SyncEffect, { type: 'fetch-range' }>): Promise<void> {
    this.#waiting.set(fetch, { ledger, entries: null })
    try {
      const raw = await this.#world.ask(this.#node.id, peer, RANGE_TIMEOUT_MS, (node) => node.range(this.#node.id, ledger, from, count))
      if (raw.length === 0 || raw.length > count) throw new LedgermeshError('MALFORMED', 'not what was asked for')
      const entries = raw.map(decode)
      if (entries[0]!.header.seq !== from) throw new LedgermeshError('MALFORMED', 'another range')
      await verifyRange(ledger, entries, verify)
      const waiting = this.#waiting.get(fetch)
      if (waiting === undefined) return
      waiting.entries = entries
      this.dispatch({ type: 'batch-verified', fetch, count: entries.length })
    } catch (error) {
      const failure = failureOf(error)
      if (!this.#waiting.delete(fetch) || this.stopped) return
      if (failure.blame === 'peer') this.#node.caught.push(peer)
      const [before, discards] = [this.#failuresOf(ledger, peer), this.#discards]
      this.dispatch({ type: 'batch-failed', fetch, ...failure })
      // Unless another fetch was given up in the same moment (the clock was set).
      if (failure.code === 'OVERLOADED' && discards === this.#discards) this.#world.watch?.busy(this.#node, peer, before, this.#failuresOf(ledger, peer))
    }
  }

  #failuresOf (ledger: string, peer: string): number {
    return this.sync.details(ledger, this.#node.clock.now())?.peers.find((view) => view.peer === peer)?.failures ?? 0
  }

  #store ({ fetch, ledger }: Extract<SyncEffect, { type: 'store' }>): void {
    const entries = this.#waiting.get(fetch)!.entries!
    this.#waiting.delete(fetch)
    this.#world.after(entries.length / 50, () => {
      if (this.stopped) return
      const store = this.#node.store(ledger)
      try {
        store.ingest(entries)
        this.#node.stored(ledger, entries)
        this.dispatch({ type: 'stored', ledger, fetch, size: store.size, headHash: store.chain!.headHash })
        const early = this.#early.get(ledger)
        if (early !== undefined && this.#early.delete(ledger)) this.#world.track(this.evidence(ledger, early))
      } catch (error) {
        if (!isCoded(error)) throw error
        this.dispatch({ type: 'store-failed', ledger, fetch, code: error.code })
      }
    })
  }

  async #findFork ({ ledger, peer, before }: Extract<SyncEffect, { type: 'find-fork' }>): Promise<void> {
    let blame: Blame = 'nobody'
    try {
      if (await this.#search(peer, this.#node.store(ledger), before)) return
    } catch (error) {
      blame = failureOf(error).blame
    }
    this.dispatch({ type: 'fork-not-found', ledger, peer, blame })
  }

  async #search (peer: string, store: SimStore, before: number): Promise<boolean> {
    const theirs = new Map<number, Entry>()
    const seq = await findFork(before, (at) => store.entries[at]!.hash, async (at) => {
      const [raw] = await this.#world.ask(this.#node.id, peer, RANGE_TIMEOUT_MS, (node) => node.range(this.#node.id, store.ledger, at, 1))
      if (raw === undefined) throw new LedgermeshError('MALFORMED', 'no entry')
      const entry = decode(raw)
      if (entry.header.seq !== at || ledgerOf(entry) !== store.ledger) throw new LedgermeshError('WRONG_LEDGER', 'another entry')
      if (!await verifyEntrySignature(entry, verify)) throw new LedgermeshError('BAD_SIGNATURE', 'an unsigned entry')
      theirs.set(at, entry)
      return entry.hash
    })
    if (seq === null) return false
    refuseForged(store, theirs.get(seq)!)
    return await this.#accuse(store, theirs.get(seq)!)
  }

  async #accuse (store: SimStore, theirs: Entry): Promise<boolean> {
    const ours = store.entries[theirs.header.seq]
    if (ours === undefined || ours.hash === theirs.hash) return false
    const keyEntries = store.keyEntries().map(({ raw, header }) => ({ ...raw, seq: header.seq }))
    const evidence = encodeEvidence(sameSeqEvidence({ network: NETWORK, ledger: store.ledger, keyEntries }, theirs.header.seq, ours.raw, theirs.raw))
    try {
      return await this.evidence(store.ledger, evidence)
    } catch (error) {
      if (!isCoded(error)) throw error
      return false
    }
  }

  /** Evidence, ours or somebody's: freezes and is passed on, once. Throws BAD_EVIDENCE. */
  async evidence (ledger: string, bytes: Uint8Array): Promise<boolean> {
    const store = this.#node.store(ledger)
    if (store.evidence !== null && Buffer.compare(store.evidence, bytes) === 0) return false
    const proven = await (verified.get(bytes) ?? remember(bytes))
    if (proven.ledger !== ledger) throw new LedgermeshError('BAD_EVIDENCE', 'the evidence is about another ledger')
    const keys = await store.keys()
    if (this.stopped) return false
    if (keys === null) {
      this.#early.set(ledger, bytes)
      return false
    }
    const size = disputedFrom(proven, { ...keys, size: store.size })
    if (size === null || !store.freeze(size, bytes)) return false
    this.#node.froze(ledger, proven)
    this.dispatch({ type: 'evidence', ledger, size })
    for (const peer of this.#world.linksOf(this.#node.id)) this.#world.send(this.#node.id, peer, (node) => { node.told(this.#node.id, ledger, bytes) })
    return true
  }
}

/** Up to there the histories are the same, so whoever holds the other one knows what must follow. */
function refuseForged (store: SimStore, { header }: Entry): void {
  if (header.prev_hash !== store.entries[header.seq - 1]?.hash) throw new LedgermeshError('BROKEN_LINK', 'the peer changes its story')
  const last = store.entries.findLast((entry) => entry.header.seq < header.seq && setsKey(entry.header))!.header
  const rotates = header.type === 'ledger.rotate-key'
  if (rotates ? keyHash(header.key) !== last.meta.next_key_hash : header.key !== last.key) throw new LedgermeshError('KEY_NOT_IN_FORCE', 'the other history is not the author\'s')
}

/** Each file is verified once, whoever passes its bytes on. */
const verified = new WeakMap<Uint8Array, Promise<VerifiedEvidence>>()

async function remember (bytes: Uint8Array): Promise<VerifiedEvidence> {
  const verdict = verifyEvidence(bytes, { verify, network: NETWORK })
  verified.set(bytes, verdict)
  return await verdict
}
