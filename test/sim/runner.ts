/** Runs what sync decides, as node/effects.ts does, on a simulated network and store. One runner is one life of a node. */
import { keyInForce, verifyKeyEntries, verifyRange } from '../../src/core/chain.js'
import { ledgerOf, verifyEntrySignature, type Entry, type RawEntry } from '../../src/core/entry.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../../src/core/errors.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { disputedFrom, verifyEvidence } from '../../src/core/verify-evidence.js'
import { findFork } from '../../src/sync/find-fork.js'
import { Sync } from '../../src/sync/sync.js'
import type { Blame, PeerHead, SyncEffect, SyncEvent } from '../../src/sync/types.js'
import { decode, NETWORK, verify } from './histories.js'
import type { SimNode } from './sim-node.js'
import type { SimStore } from './sim-store.js'
import type { World } from './world.js'

const HEADS_TIMEOUT_MS = 15_000
const RANGE_TIMEOUT_MS = 30_000
const LIES: ErrorCode[] = ['MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'WRONG_LEDGER', 'BROKEN_LINK', 'BAD_SIGNATURE', 'BAD_KEY']

export interface WireHead { ledger: string, raw: RawEntry, evidence: Uint8Array | null }

/** What a peer's refusal carries over the simulated wire. */
export class Refusal extends LedgermeshError {
  readonly more: { retryMs?: number, available?: { earliest: number, size: number } }
  constructor (code: ErrorCode, more: { retryMs?: number, available?: { earliest: number, size: number } } = {}) {
    super(code, 'refused')
    this.more = more
  }
}

export class Runner {
  readonly sync: Sync
  stopped = false
  readonly #world: World
  readonly #node: SimNode
  readonly #waiting = new Map<number, { ledger: string, entries: Entry[] | null }>()
  #wakes = 0

  constructor (world: World, node: SimNode) {
    this.#world = world
    this.#node = node
    this.sync = new Sync({ random: world.random })
  }

  dispatch (event: SyncEvent): void {
    if (this.stopped) return
    this.#world.note(`${this.#node.id} ${JSON.stringify(event)}`)
    for (const effect of this.sync.handle(event, this.#world.now)) {
      this.#world.note(`${this.#node.id} > ${JSON.stringify(effect)}`)
      this.#perform(effect)
    }
  }

  #perform (effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head': this.#world.track(this.#fetchHeads(effect)); break
      case 'fetch-range': this.#world.track(this.#fetchRange(effect)); break
      case 'store': this.#store(effect); break
      case 'discard': this.#waiting.delete(effect.fetch); break
      case 'find-fork': this.#world.track(this.#findFork(effect)); break
      case 'dial': this.#node.find(effect.ledger); break
      case 'drop': this.#drop(effect.peer); break
      case 'wake-at': {
        const wake = ++this.#wakes
        this.#world.after(effect.at - this.#world.now, () => { if (wake === this.#wakes) this.dispatch({ type: 'tick' }) })
      }
    }
  }

  #drop (peer: string): void {
    this.#node.ban(peer)
    this.#world.after(0, () => { this.#world.disconnect(this.#node.id, peer) })
  }

  async #fetchHeads ({ peer, ledgers }: Extract<SyncEffect, { type: 'fetch-head' }>): Promise<void> {
    const wanted = ledgers.map(({ ledger }) => ledger)
    try {
      const shown = await this.#world.ask(this.#node.id, peer, HEADS_TIMEOUT_MS, (node) => node.heads(this.#node.id, wanted))
      const heads: PeerHead[] = []
      for (const head of shown) {
        if (head.evidence !== null) await this.evidence(head.ledger, head.evidence)
        const claim = await this.claim(peer, head.ledger, head.raw)
        if (claim !== null) heads.push(claim)
      }
      this.dispatch({ type: 'heads', peer, heads, none: wanted.filter((id) => !shown.some(({ ledger }) => ledger === id)), denied: [] })
      const ignored = shown.filter(({ ledger }) => !heads.some((head) => head.ledger === ledger))
      if (ignored.length > 0) this.dispatch({ type: 'heads', peer, heads: [], none: ignored.map(({ ledger }) => ledger), denied: [] })
    } catch (error) {
      this.dispatch({ type: 'heads-failed', peer, ledgers: wanted, ...failureOf(error) })
    }
  }

  /** Null: a well-signed head by a key that is not shown to be the ledger's (it says nothing), or in conflict with what we hold. */
  async claim (peer: string, ledger: string, raw: RawEntry): Promise<PeerHead | null> {
    const store = this.#node.store(ledger)
    const entry = decode(raw)
    if (ledgerOf(entry) !== ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
    if (!await verifyEntrySignature(entry, verify)) throw new LedgermeshError('BAD_SIGNATURE', 'a head')
    const { seq, key } = entry.header
    const claim = { ledger, size: seq + 1, hash: entry.hash }
    const held = store.entries[seq]
    if (held !== undefined) {
      if (held.hash === entry.hash) return claim
      if (!await this.#search(peer, store, seq + 1)) await this.#accuse(store, entry)
      return null
    }
    if (this.#node.credulous || store.chain?.key === key) return claim
    try {
      const shown = await this.#world.ask(this.#node.id, peer, HEADS_TIMEOUT_MS, (node) => node.keyEntries(ledger))
      return keyInForce(await verifyKeyEntries(ledger, shown, verify), seq) === key ? claim : null
    } catch (error) {
      if (!isCoded(error)) throw error
      return null
    }
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
      this.dispatch({ type: 'batch-failed', fetch, ...failure })
    }
  }

  #store ({ fetch, ledger }: Extract<SyncEffect, { type: 'store' }>): void {
    const entries = this.#waiting.get(fetch)!.entries!
    this.#waiting.delete(fetch)
    this.#world.after(entries.length / 50, () => {
      if (this.stopped) return
      const store = this.#node.store(ledger)
      try {
        store.ingest(entries)
        this.dispatch({ type: 'stored', ledger, fetch, size: store.size, headHash: store.chain!.headHash })
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
    return seq !== null && await this.#accuse(store, theirs.get(seq)!)
  }

  async #accuse (store: SimStore, theirs: Entry): Promise<boolean> {
    const ours = store.entries[theirs.header.seq]!
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
    if (store.evidence !== null && Buffer.from(store.evidence).equals(bytes)) return false
    const keys = await store.keys()
    const proven = await verifyEvidence(bytes, { verify, network: NETWORK })
    const size = keys === null ? proven.seq : disputedFrom(proven, { ...keys, size: store.size })
    if (this.stopped || proven.ledger !== ledger || size === null || !store.freeze(size, bytes)) return false
    this.dispatch({ type: 'evidence', ledger, size })
    for (const peer of this.#world.linksOf(this.#node.id)) this.#world.send(this.#node.id, peer, (node) => { node.told(this.#node.id, ledger, bytes) })
    return true
  }
}

function failureOf (error: unknown): { code: ErrorCode, blame: Blame, retryMs?: number, available?: { earliest: number, size: number } } {
  if (error instanceof Refusal) return { code: error.code, blame: 'nobody', ...error.more }
  if (isCoded(error)) return { code: error.code, blame: LIES.includes(error.code) ? 'peer' : 'nobody' }
  throw error
}
