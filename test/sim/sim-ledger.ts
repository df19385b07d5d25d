/** A ledger on a virtual disk, as src/ledger keeps one: what was not synced may be gone after a crash. */
import { strict as assert } from 'node:assert'
import { extendChain, keyEpoch, startChain, type ChainState } from '../../src/core/chain.js'
import type { Entry, SignedHeader } from '../../src/core/entry.js'
import { LedgermeshError } from '../../src/core/errors.js'
import type { Hash } from '../../src/core/hash.js'
import type { HeldChain } from '../../src/core/judge-evidence.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { merkleRoot, NODE_LEVELS, proveInclusion, type Nodes } from '../../src/core/merkle.js'
import { checkPayload } from '../../src/core/payload.js'
import type { HeldLedger } from '../../src/ledger/held-ledger.js'
import { HeardEvidence } from '../../src/ledger/read/heard-evidence.js'
import { NO_STANDING, type Decision, type StandingRow } from '../../src/ledger/read/standing-row.js'
import type { PayloadStates } from '../../src/ledger/write/entry-ops.js'
import type { Turn } from '../../src/ledger/write/quarantine.js'
import { shortId } from '../../src/node/forks/short-id.js'
import { SimQuarantine } from './sim-quarantine.js'
import type { World } from './world.js'

/** A mirror's writes reach the disk after so many entries (really: after 4 MiB). */
const SYNC_ENTRIES = 40
/** Virtual, ms. */
const ENTRIES_A_MS = 50
const ALL_WANTED: PayloadStates = () => 'missing'

export class SimLedger implements HeldLedger {
  readonly id: string
  readonly own: boolean
  readonly entries: Entry[] = []
  readonly quarantine = new SimQuarantine()
  readonly heardEvidence = new HeardEvidence({
    all: () => this.allEvidence(),
    read: (id) => Promise.resolve(this.#evidence.get(shortId(id))?.bytes ?? null),
    shown: () => this.#shownEvidence
  })
  chain: ChainState | null = null
  frozen: HeldLedger['frozen'] = null
  standing: StandingRow = NO_STANDING
  audited = 0
  cuts = 0
  /** Entries that gave way to another branch. */
  voided = 0
  /** Entries that a crash cannot take. */
  durable = 0
  /** Entries that are shown now and were not before, as `Ledgers.on('stored')`. */
  onStored: (entries: Entry[]) => void = () => {}
  readonly #world: World
  readonly #missing = new Set<number>()
  readonly #payloads = new Map<number, Uint8Array>()
  readonly #evidence = new Map<string, { id: Hash; bytes: Uint8Array }>()
  #queue: Promise<unknown> = Promise.resolve()
  /** Of the process: what an earlier one was about to write is not written. */
  #life = 0

  constructor(world: World, id: string, own = false) {
    this.#world = world
    this.id = id
    this.own = own
  }

  get size(): number {
    return this.entries.length
  }
  /** Entries that are served: nothing disputed. */
  get visible(): number {
    return Math.min(this.size, this.frozenAt ?? Infinity)
  }
  get headHash(): Hash | null {
    return this.chain?.headHash ?? null
  }
  get frozenAt(): number | null {
    return this.frozen?.size ?? null
  }
  get keyFork(): boolean {
    return this.frozen?.keyFork === true
  }
  get head(): Entry | undefined {
    return this.entries[this.visible - 1]
  }
  /** The evidence that is told to others. */
  get shown(): Uint8Array | null {
    return this.#evidence.get(this.#shownEvidence ?? '')?.bytes ?? null
  }
  get #shownEvidence(): string | null {
    return this.frozen?.evidence ?? this.standing.shown
  }
  get kept(): { id: Hash; bytes: Uint8Array }[] {
    return [...this.#evidence.values()]
  }
  get missing(): ReadonlySet<number> {
    return this.#missing
  }

  /** With its payload, if that is held. */
  payload(seq: number): Uint8Array | null {
    return this.#payloads.get(seq) ?? null
  }

  async load(): Promise<void> {
    this.heardEvidence.changed()
  }
  async hashAt(seq: number): Promise<Hash | null> {
    return seq < this.visible ? this.entries[seq]!.hash : null
  }
  async storedEntry(seq: number): Promise<Entry | null> {
    return this.entries[seq] ?? null
  }
  async entry(seq: number): Promise<Entry | null> {
    return seq < this.visible ? this.entries[seq]! : null
  }
  async signed(from: number, count: number): Promise<SignedHeader[]> {
    return this.entries.slice(from, Math.min(from + count, this.visible)).map(({ raw }) => raw)
  }
  async keyEntries(upToSeq = this.visible): Promise<SignedHeader[]> {
    return this.keys(upToSeq).map(({ raw }) => raw)
  }
  async heldChain(): Promise<HeldChain | null> {
    return this.size === 0 ? null : { keys: this.keys().map(keyEpoch), size: this.size }
  }
  async evidence(): Promise<Uint8Array | null> {
    return this.shown
  }
  async allEvidence(): Promise<Uint8Array[]> {
    return this.kept.map(({ bytes }) => bytes)
  }
  async rootAt(size: number): Promise<Hash> {
    return merkleRoot(this.entries.slice(0, size).map(({ hash }) => hash))
  }
  async inclusionProof(seq: number, size: number): Promise<Hash[]> {
    return await proveInclusion(this.storedNodes(), seq, size)
  }
  async missingPayloads(limit: number): Promise<number[]> {
    return [...this.#missing].sort((a, b) => a - b).slice(0, limit)
  }
  checkpoint(): string | null {
    return null
  }
  async putCheckpoint(): Promise<void> {
    throw new Error('nobody shows checkpoints here')
  }

  async chainAt(size: number): Promise<ChainState | null> {
    return chainOver(this.id, null, this.entries.slice(0, size))
  }

  storedNodes(): Nodes {
    return (level, index) => {
      const width = 2 ** level
      assert.equal(level % NODE_LEVELS, 0)
      return merkleRoot(this.entries.slice(index * width, (index + 1) * width).map(({ hash }) => hash))
    }
  }

  /** All or nothing. Throws what the chain rule throws, or FROZEN. */
  async ingest(
    entries: Entry[],
    { payloadStates = ALL_WANTED, decision }: { payloadStates?: PayloadStates; decision?: Decision } = {}
  ): Promise<ChainState> {
    return await this.#exclusive(async () => {
      await this.#write(entries.length / ENTRIES_A_MS)
      if (this.frozen !== null && this.size + entries.length > this.frozen.size)
        throw new LedgermeshError('FROZEN', this.id)
      this.add(entries, payloadStates)
      if (decision !== undefined) this.#decided(decision)
      const shown = entries.filter(({ header }) => header.seq < this.visible)
      if (shown.length > 0) this.onStored(shown)
      return this.chain!
    })
  }

  /** At once. */
  add(entries: readonly Entry[], payloadStates = ALL_WANTED): void {
    const chain = chainOver(this.id, this.chain, entries)
    for (const entry of entries) {
      const { seq, payload_hash: committed } = entry.header
      assert.equal(seq, this.size, 'one body at one seq')
      this.entries.push(entry)
      if (entry.raw.payload !== null) this.#payloads.set(seq, entry.raw.payload)
      else if (committed !== null && payloadStates(entry) === 'missing') this.#missing.add(seq)
    }
    this.chain = chain
    if (this.size - this.durable >= SYNC_ENTRIES) this.sync()
  }

  sync(): void {
    this.durable = this.size
  }

  async setAudited(size: number, cuts = this.cuts): Promise<void> {
    await this.#exclusive(async () => {
      if (cuts !== this.cuts) return
      assert(size <= this.size, `cannot have audited ${size} of ${this.size} entries`)
      this.audited = size
    })
  }

  async putPayload(seq: number, bytes: Uint8Array): Promise<boolean> {
    return await this.#exclusive(async () => {
      const entry = this.entries[seq]
      if (entry === undefined) throw new LedgermeshError('NOT_FOUND', `entry ${seq} is not held`)
      checkPayload(entry.header, bytes)
      this.#payloads.set(seq, bytes)
      this.#missing.delete(seq)
      return true
    })
  }

  /** On the disk at once. */
  async decide(decision: Decision): Promise<void> {
    await this.#exclusive(async () => {
      const { visible } = this
      this.#decided(decision)
      this.#shownFrom(visible)
    })
  }

  #decided({ frozen, keep, row }: Decision): void {
    this.frozen = frozen
    this.#evidence.clear()
    for (const { id, bytes } of keep) this.#evidence.set(shortId(id), { id, bytes })
    this.standing = row
    this.heardEvidence.changed()
    this.sync()
  }

  async putStanding(row: StandingRow): Promise<void> {
    await this.#exclusive(async () => {
      this.standing = row
    })
  }

  async acceptBranch(turn: Turn, frozen: HeldLedger['frozen'], row: StandingRow): Promise<ChainState> {
    return await this.#exclusive(async () => {
      const { visible, frozen: was } = this
      const { from } = turn
      this.quarantine.assert(turn)
      if (was === null || from > this.size || from < 1)
        throw new LedgermeshError('FROZEN', 'the branch does not start in what is disputed')
      const { entries, payloadStates } = this.quarantine.take()
      chainOver(this.id, await this.chainAt(from), entries)
      if (from < this.size) {
        this.voided += this.size - from
        this.cut(from)
      }
      this.add(entries, payloadStates)
      this.quarantine.clear()
      this.frozen = frozen
      this.standing = row
      this.sync()
      if (frozen !== null && frozen.size <= was.size) throw new Error('a branch that ends no freeze was pulled')
      this.#shownFrom(Math.min(visible, from))
      return this.chain!
    })
  }

  /** Back to `size` entries: what gives way, what a crash took, or what an old copy does not have. */
  cut(size: number): void {
    this.entries.length = size
    this.durable = Math.min(this.durable, size)
    this.audited = Math.min(this.audited, size)
    this.cuts++
    for (const seq of [...this.#missing, ...this.#payloads.keys()]) {
      if (seq < size) continue
      this.#missing.delete(seq)
      this.#payloads.delete(seq)
    }
    this.chain = chainOver(this.id, null, this.entries)
  }

  /** As it was when only `size` entries were there; a freeze since then is forgotten with them. */
  restore(size: number): void {
    if (this.frozen !== null && size < this.frozen.size) {
      this.frozen = null
      this.#evidence.clear()
      this.heardEvidence.changed()
      this.standing = NO_STANDING
    }
    this.cut(Math.min(size, this.size))
  }

  /** The process ends: only what is on the disk outlives it. */
  stop(): void {
    this.#life++
    this.#queue = Promise.resolve()
    this.onStored = () => {}
  }

  /** The operator has written down a key of the owner's branch. */
  pin(key: string): void {
    this.standing = { ...this.standing, facts: { ...this.standing.facts, pin: key } }
  }

  keys(upToSeq = this.size): Entry[] {
    return this.entries.slice(0, upToSeq).filter(({ header }) => setsKey(header))
  }

  #shownFrom(seq: number): void {
    if (!this.own && seq < this.visible) this.onStored(this.entries.slice(seq, this.visible))
  }

  async #write(ms: number): Promise<void> {
    const life = this.#life
    await new Promise<void>((resolve) => {
      this.#world.after(ms, () => {
        this.#world.settle(resolve)
      })
    })
    this.#alive(life)
  }

  #alive(life: number): void {
    if (life !== this.#life) throw new LedgermeshError('CLOSED', 'the node has stopped')
  }

  async #exclusive<T>(run: () => Promise<T>): Promise<T> {
    const life = this.#life
    const result = this.#queue.then(async () => {
      this.#alive(life)
      return await run()
    })
    this.#queue = result.catch(() => undefined)
    return await result
  }
}

function chainOver(ledger: string, from: ChainState | null, entries: readonly Entry[]): ChainState | null {
  return entries.reduce<ChainState | null>(
    (chain, entry) => (chain === null ? startChain(ledger, entry) : extendChain(chain, entry)),
    from
  )
}
