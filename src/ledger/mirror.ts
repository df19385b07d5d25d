/** A ledger that entries are copied into: the mirror of another's, and the own one while it is restored. */
import { extendChain, startChain, type ChainState } from '../core/chain.js'
import { readCheckpoint } from '../core/checkpoint.js'
import type { JsonObject } from '../core/canonical.js'
import type { Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { evidenceId } from '../core/evidence.js'
import type { Header } from '../core/header.js'
import { checkPayload } from '../core/payload.js'
import { EVIDENCE_ID_DIGITS, evidenceKey, ledgerKey, ledgerRange, seqKey, seqOf, seqRange } from '../store/keys.js'
import { EMPTY } from '../store/posting.js'
import type { Op } from '../store/store.js'
import { entryOps, type PayloadStates } from './entry-ops.js'
import { Ledger } from './ledger.js'
import { markMissing, rebuildDerived } from './rebuild.js'
import { discardFrom } from './recovery.js'
import { encodeJson, parseObject, type LedgerState } from './records.js'
import { keepVoided } from './voided.js'

/** A mirror's writes reach the disk at the latest after so many bytes. */
const SYNC_BYTES = 4 * 1024 * 1024
/**
 * Entries below the durable ones that are looked for after an unclean stop. LevelDB begins another log when 16 MiB are written and does not sync
 * the last part of the one before, so when the power fails an older batch may be gone and a newer, synced one there. That much, and what we
 * leave unsynced, is fewer entries than these.
 */
const LOOK_BACK = 65_536
/** Keys read in one go. */
const KEY_CHUNK = 4096
/** Entries looked at in one go when the wanted payloads change. */
const WANT_CHUNK = 512
/** Evidence of a ledger that is kept although it freezes nothing: a thief of a retired key could sign more and more. */
const MAX_KEPT_EVIDENCE = 8

export interface IngestOptions {
  /** For entries whose payload is absent; default: all are wanted. */
  payloadStates?: PayloadStates
}

interface CommitOptions {
  payloadStates: PayloadStates
  sync: boolean
  audited: number
  beforeShown?: () => Promise<void>
  /** Default: as before. */
  frozen?: LedgerState['frozen']
}

const ALL_WANTED: PayloadStates = () => 'missing'

export class Mirror extends Ledger {
  #queue: Promise<unknown> = Promise.resolve()
  #unsynced = 0
  #removed = false

  /** One writer at a time, in the order of the calls. */
  protected async exclusive<T> (run: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      if (this.#removed) throw new LedgermeshError('NOT_FOUND', `${this.id} is no longer held`)
      return await run()
    })
    this.#queue = result.catch(() => undefined)
    return await result
  }

  /**
   * Stores entries that follow what is stored, in one batch. The caller has checked that the range chains and ends in a valid
   * signature (`verifyRange`); here it must also continue this ledger by keys in force.
   * Throws WRONG_LEDGER, WRONG_NETWORK, BROKEN_LINK, KEY_NOT_IN_FORCE, FROZEN or STORE_FAILED; nothing is stored then.
   */
  async ingest (entries: Entry[], { payloadStates = ALL_WANTED }: IngestOptions = {}): Promise<ChainState> {
    return await this.exclusive(async () => await this.takeIn(entries, payloadStates))
  }

  protected async takeIn (entries: Entry[], payloadStates: PayloadStates): Promise<ChainState> {
    // What is below the evidence is not disputed, and still wanted.
    const frozen = this.frozenAt
    if (frozen !== null && this.size + entries.length > frozen) throw new LedgermeshError('FROZEN', `there is evidence against ${this.id}`)
    if (entries.length === 0) throw new LedgermeshError('MALFORMED', 'an empty range')
    const chain = this.follow(entries)
    if (chain.network !== this.context.network) throw new LedgermeshError('WRONG_NETWORK', `${this.id} is a ledger of network ${chain.network}`)
    await this.commit(entries, chain, { payloadStates, sync: false, audited: this.audited })
    return chain
  }

  /** The chain state after these entries. */
  protected follow (entries: Entry[]): ChainState {
    let chain = this.chain
    for (const entry of entries) chain = chain === null ? startChain(this.id, entry) : extendChain(chain, entry)
    return chain!
  }

  /** One batch: entries, indexes, tree nodes, state. `chain` is the state after them. Nobody can read the entries before `beforeShown` resolves; when it throws they are stored, and not shown. */
  protected async commit (entries: Entry[], chain: ChainState, { payloadStates, sync, audited, beforeShown, frozen = this.state?.frozen ?? null }: CommitOptions): Promise<void> {
    const { store, compactor } = this.context
    await this.tree.load(this.size)
    try {
      const { ops, bytes, erased } = await entryOps(this.reader, this.tree, entries, this.size, payloadStates)
      this.#unsynced += bytes
      const synced = sync || this.#unsynced >= SYNC_BYTES
      const state: LedgerState = { chain, audited, durable: synced ? chain.size : this.state?.durable ?? 0, frozen }
      ops.push(this.stateOp(state))
      await store.write(ops, { sync: synced })
      if (synced) this.#unsynced = 0
      await beforeShown?.()
      this.state = state
      if (this.visible === this.size) {
        this.setHead(entries.at(-1)!)
        this.noteAccess(entries)
      }
      if (erased.length > 0) compactor.request(this.n, Math.min(...erased), Math.max(...erased) + 1)
    } catch (error) {
      this.tree.reset()
      throw error
    }
  }

  protected stateOp (state: LedgerState): Op {
    return { type: 'put', key: ledgerKey('state', this.n), value: encodeJson(state) }
  }

  /** Every signature below `size` was checked one by one. */
  async setAudited (size: number): Promise<void> {
    await this.exclusive(async () => {
      if (this.state === null || size > this.size || size < 0) throw new LedgermeshError('INTERNAL', `cannot have audited ${size} of ${this.size} entries`)
      await this.#writeState({ ...this.state, audited: size })
    })
  }

  /** The follow wants other payloads than before: marks which of the absent ones are wanted now. */
  async wantPayloads (wants: (header: Header) => boolean): Promise<void> {
    for (let from = 0; from < this.size;) {
      from = await this.exclusive(async () => await this.#wantChunk(from, wants))
    }
  }

  async #wantChunk (from: number, wants: (header: Header) => boolean): Promise<number> {
    const { store } = this.context
    const to = Math.min(from + WANT_CHUNK, this.size)
    const seqs = Array.from({ length: to - from }, (_, i) => from + i)
    const entries = (await this.reader.many(seqs)).filter((entry) => entry !== null && entry.header.payload_hash !== null) as Entry[]
    const held = await store.getMany(entries.flatMap(({ header: { seq } }) => [seqKey('payload', this.n, seq), seqKey('erased', this.n, seq)]))
    const ops = entries.filter((_, i) => held[2 * i] === undefined && held[2 * i + 1] === undefined).map(({ header }): Op => {
      const key = seqKey('missing', this.n, header.seq)
      return wants(header) ? { type: 'put', key, value: EMPTY } : { type: 'del', key }
    })
    if (ops.length > 0) await store.write(ops, { sync: false })
    return to
  }

  /** Keeps a payload that was absent. Throws NOT_FOUND, PAYLOAD_MISMATCH; false: it was erased, and is not accepted. */
  async putPayload (seq: number, bytes: Uint8Array): Promise<boolean> {
    return await this.exclusive(async () => {
      const entry = seq < this.size ? await this.reader.one(seq) : null
      if (entry === null) throw new LedgermeshError('NOT_FOUND', `entry ${seq} is not held`)
      checkPayload(entry.header, bytes)
      const { store } = this.context
      if (await store.get(seqKey('erased', this.n, seq)) !== undefined) return false
      await store.write([{ type: 'put', key: seqKey('payload', this.n, seq), value: bytes }, { type: 'del', key: seqKey('missing', this.n, seq) }], { sync: false })
      return true
    })
  }

  /** Keeps a received checkpoint that the caller has verified. */
  async putCheckpoint (note: string): Promise<void> {
    await this.context.store.write([{ type: 'put', key: ledgerKey('checkpoint', this.n), value: Buffer.from(note) }], { sync: false })
    this.note = note
  }

  /** How the ledger is followed; what it means is the caller's. null: no settings. Throws STORE_DAMAGED. */
  async followSettings (): Promise<JsonObject | null> {
    const value = await this.context.store.get(ledgerKey('follow', this.n))
    return value === undefined ? null : parseObject(value, 'follow settings')
  }

  /** On the disk when it resolves; null takes them away. */
  async setFollowSettings (settings: JsonObject | null): Promise<void> {
    const key = ledgerKey('follow', this.n)
    await this.context.store.write([settings === null ? { type: 'del', key } : { type: 'put', key, value: Buffer.from(JSON.stringify(settings)) }], { sync: true })
  }

  /** Keeps evidence that the caller has verified: only the entries below `size` are served from now on. False: it was frozen there or lower before. */
  async freeze (size: number, evidence: Uint8Array): Promise<boolean> {
    return await this.exclusive(async () => {
      if (this.state === null) throw new LedgermeshError('NOT_FOUND', `nothing of ${this.id} is held`)
      if (this.frozenAt !== null && this.frozenAt <= size) return false
      const id = evidenceId(evidence).slice(0, EVIDENCE_ID_DIGITS)
      const state: LedgerState = { ...this.state, frozen: { size, evidence: id } }
      await this.context.store.write([{ type: 'put', key: evidenceKey(this.n, id), value: Buffer.from(evidence) }, this.stateOp(state)], { sync: true })
      this.state = state
      await this.load()
      return true
    })
  }

  /** Keeps verified evidence that freezes nothing here, to be shown. False: it is kept already, or there is enough. */
  async keepEvidence (evidence: Uint8Array): Promise<boolean> {
    return await this.exclusive(async () => {
      const key = evidenceKey(this.n, evidenceId(evidence).slice(0, EVIDENCE_ID_DIGITS))
      const kept = await this.context.store.keys(ledgerRange('evidence', this.n))
      if (kept.length >= MAX_KEPT_EVIDENCE || kept.some((one) => one.equals(key))) return false
      await this.context.store.write([{ type: 'put', key, value: Buffer.from(evidence) }], { sync: false })
      return true
    })
  }

  /**
   * The operator's word (I4): what is held from the first seq of `branch` on gives way to it. The voided entries and all evidence stay
   * stored. `frozen`: what the evidence means for the ledger from then on. Interrupted, the ledger is frozen as before, and it can be done
   * again. Throws FROZEN (the branch does not start in what is disputed), BROKEN_LINK or KEY_NOT_IN_FORCE; nothing is changed then.
   */
  async acceptBranch (branch: Entry[], frozen: LedgerState['frozen'], payloadStates: PayloadStates = ALL_WANTED): Promise<void> {
    await this.exclusive(async () => {
      const { context: { store }, state } = this
      const cut = branch[0]!.header.seq
      if (state?.frozen == null || cut > Math.min(state.frozen.size, this.size)) throw new LedgermeshError('FROZEN', `the branch does not start in what is disputed of ${this.id}`)
      const chain = branch.reduce<ChainState>(extendChain, (await this.chainAt(cut))!)
      await keepVoided(store, this.reader, state.frozen.evidence, cut, this.size)
      if (this.note !== null && readCheckpoint(this.note, { network: this.context.network, ledger: this.id }).size > cut) await store.write([{ type: 'del', key: ledgerKey('checkpoint', this.n) }], { sync: false })
      if (cut < this.size) await this.truncate(cut)
      await this.commit(branch, chain, { payloadStates, sync: true, audited: this.audited, frozen })
      await this.load()
    })
  }

  /** Drops the entries from `size` on (damaged ones, for example): they can be pulled again. */
  async rewind (size: number): Promise<void> {
    await this.exclusive(async () => {
      if (this.state !== null && size < this.size) await this.truncate(Math.max(size, 0))
    })
  }

  /** Makes indexes and tree anew from the entries (I8). Throws STORE_DAMAGED when an entry is damaged: `rewind` first. */
  async rebuild (): Promise<void> {
    await this.exclusive(async () => {
      this.tree.reset()
      await rebuildDerived(this.context.store, this.reader, this.size)
    })
  }

  /** After the follow's filter changed: which absent payloads are wanted now. */
  async reconsiderPayloads (payloadStates: PayloadStates): Promise<void> {
    await this.exclusive(async () => { await markMissing(this.context.store, this.reader, this.size, payloadStates) })
  }

  /** Goes back to `size` entries. */
  protected async truncate (size: number): Promise<void> {
    this.tree.reset()
    this.state = await discardFrom(this.context.store, this.id, this.reader, this.state!, size)
    await this.load()
  }

  /** At open after an unclean stop: goes back to the first gap behind what was on the disk for sure (I8). */
  async recover (): Promise<void> {
    if (this.state === null) return
    const { durable, chain } = this.state
    const certain = Math.max(durable - 1 - LOOK_BACK, 0)
    // a cut that was interrupted can reach below what was durable
    const size = await this.#contiguous(await this.#contiguous(certain) > certain ? certain : 0)
    const last = size === chain.size ? await this.reader.one(size - 1) : null
    if (last?.hash === chain.headHash) return
    this.context.log.warn({ ledger: this.id, stored: size, expected: chain.size }, 'entries are missing after an unclean stop: going back to the first gap')
    await this.truncate(size)
  }

  /** After an unclean stop: what was erased may still be in the files. */
  async compactErased (): Promise<void> {
    const range = ledgerRange('erased', this.n)
    const [first] = await this.context.store.keys({ ...range, limit: 1 })
    const [last] = await this.context.store.keys({ ...range, limit: 1, reverse: true })
    if (first !== undefined && last !== undefined) this.context.compactor.request(this.n, seqOf(first), seqOf(last) + 1)
  }

  async #contiguous (from: number): Promise<number> {
    for (let size = from; ;) {
      const keys = await this.context.store.keys({ ...seqRange('entry', this.n, size, this.size), limit: KEY_CHUNK })
      for (const key of keys) if (seqOf(key) === size) size++
      if (keys.length === 0 || seqOf(keys.at(-1)!) !== size - 1) return size
    }
  }

  /** Refuses all further writes. */
  async retire (): Promise<void> {
    await this.exclusive(() => Promise.resolve())
    this.#removed = true
  }

  /** Resolves when no write is running. */
  async settle (): Promise<void> {
    await this.#queue
  }

  async #writeState (state: LedgerState): Promise<void> {
    await this.context.store.write([this.stateOp(state)], { sync: false })
    this.state = state
  }
}
