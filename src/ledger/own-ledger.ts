/** The ledger that this node signs. One writer; a commit is durable, and the signer's mark written, before anybody hears of it (I1, I2). */
import { keyHash, type ChainState } from '../core/chain.js'
import { verifyEntrySignature, type Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { SigningKey } from '../core/keys.js'
import type { AccessMeta } from '../core/ledger-types.js'
import type { JsonObject } from '../core/canonical.js'
import { MAX_LIST } from '../core/limits.js'
import type { Payload } from '../core/payload.js'
import { viewEntry, type LedgerEntry } from '../core/view.js'
import { checkInput, type AppendInput, type AppendOptions, type Authority } from './append-input.js'
import { AppendQueue } from './append-queue.js'
import { CheckpointMaker } from './checkpoint-maker.js'
import type { LedgerContext } from './context.js'
import { Draft } from './draft.js'
import type { PayloadStates } from './entry-ops.js'
import type { HookRunner } from './hooks.js'
import { IdFilter } from './id-filter.js'
import type { EntryKey } from './ledger.js'
import { Mirror } from './mirror.js'
import type { QueryFilter, QueryResult } from './query.js'
import type { LedgerState } from './records.js'
import type { OwnState, OwnStored, SignerGuard } from './signer-guard.js'
import type { ChainReport } from './verify-chain.js'

/** `existing`: the id was used before for the same thing, and this is what was stored then. */
export type Appended = LedgerEntry & { existing: boolean }

export interface OwnLedgerOptions {
  signingKey: SigningKey | null
  guard: SignerGuard
  hooks: HookRunner
}

/** Stream of the entries that a ledger says about itself. */
const LEDGER_STREAM = 'ledger'

export class OwnLedger extends Mirror {
  readonly hooks: HookRunner
  readonly checkpoints: CheckpointMaker
  readonly #guard: SignerGuard
  readonly #queue: AppendQueue
  readonly #ids: IdFilter
  #key: SigningKey | null
  readonly #listeners = new Set<(entries: Entry[]) => void>()

  constructor (context: LedgerContext, id: string, row: { n: number, own: boolean }, state: LedgerState | null, { signingKey, guard, hooks }: OwnLedgerOptions) {
    super(context, id, row, state)
    this.hooks = hooks
    this.#key = signingKey
    this.#guard = guard
    this.#ids = new IdFilter(context.store, context.log, row.n)
    this.#queue = new AppendQueue({ exclusive: async (run) => { await this.exclusive(run) }, draft: () => this.#draft(), key: () => this.#key, commit: async (draft, key) => { await this.#commit(draft, key) } })
    this.checkpoints = new CheckpointMaker({
      context, tree: this.tree, reader: this.reader, guard,
      snapshot: () => this.chain,
      key: () => this.#key,
      exclusive: async (run) => { await this.exclusive(run) },
      keep: async (note) => { await this.putCheckpoint(note) }
    })
  }

  /** `ready`; `restoring`: entries that this key has signed are not here (I2); `failed`: a commit has an unknown outcome (I1). */
  get signer (): OwnState {
    return this.context.store.failed ? 'failed' : this.#guard.state
  }

  /** While restoring: the entry that must be here first; null: only the operator knows. */
  get restoreTarget (): { seq: number, hash: Hash } | null {
    return this.#guard.target
  }

  /** Durable when it resolves. Throws RESERVED_TYPE, MALFORMED, TOO_LARGE, ID_TAKEN, REFERENCE_UNRESOLVED, RESTORING, READ_ONLY, STORE_FAILED, CLOSED, and whatever a beforeAppend hook throws. */
  async append (input: AppendInput, options: AppendOptions = {}): Promise<Appended> {
    return (await this.#append([input], options, 'caller'))[0]!
  }

  /** All of them, next to each other, or none. */
  async appendBatch (inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    return await this.#append(inputs, options, 'caller')
  }

  /** The node's own entries: reserved types and `meta.sync` allowed. All or none. */
  async appendReserved (inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    return await this.#append(inputs, options, 'node')
  }

  /** Deletes payloads here, and asks every holder to. Entries without payload and those erased before are passed over. Throws NOT_FOUND. */
  async erase (hashes: Hash[]): Promise<Appended[]> {
    const wanted: Hash[] = []
    for (const hash of new Set(hashes)) {
      const entry = await super.get({ hash })
      if (entry === null) throw new LedgermeshError('NOT_FOUND', `no entry of the own ledger has hash ${hash}`)
      if (entry.payload_state !== 'erased' && JSON.parse(entry.raw.header).payload_hash !== null) wanted.push(hash)
    }
    const inputs: AppendInput[] = []
    for (let i = 0; i < wanted.length; i += MAX_LIST) inputs.push(ledgerEntry('ledger.erase', { entries: wanted.slice(i, i + MAX_LIST) }))
    return await this.appendReserved(inputs)
  }

  /** A change to who may read. */
  async setAccess (change: AccessMeta): Promise<Appended> {
    return (await this.appendReserved([ledgerEntry('ledger.access', change as unknown as JsonObject)]))[0]!
  }

  /** Puts the committed next key in force; it signs from now on. `nextKeyHash`: the only key that may follow it. Throws KEY_NOT_IN_FORCE, or BAD_KEY for a key that was in force before. */
  async rotateKey (key: SigningKey, nextKeyHash: Hash | null): Promise<Appended> {
    return (await this.#append([ledgerEntry('ledger.rotate-key', { next_key_hash: nextKeyHash })], {}, 'node', key))[0]!
  }

  /** Called with the entries of each commit, in order, once they are durable and marked. The returned function ends it. */
  onAppended (listener: (entries: Entry[]) => void): () => void {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  /**
   * A peer shows an own entry. `restoring`: it is genuine and not here, nothing is signed until it is; `conflict`: another one is
   * stored in its place; `unknown`: not proven to be ours.
   */
  async sawOwnEntry (entry: Entry): Promise<'known' | 'restoring' | 'conflict' | 'unknown'> {
    const { header, hash } = entry
    const held = async (): Promise<boolean> => header.seq < this.size && await this.heldHash(header.seq) === hash
    if (await held()) return 'known'
    if (header.ledger !== this.id || !await this.#isOwnKey(header.key) || !await verifyEntrySignature(entry, this.context.verify)) return 'unknown'
    return await this.exclusive(async () => {
      if (await held()) return 'known' // committed meanwhile
      await this.#guard.lacks(this.id, { seq: header.seq, hash })
      return header.seq < this.size ? 'conflict' : 'restoring'
    })
  }

  /** The operator's word: what is stored is all that was ever signed. */
  async override (): Promise<void> {
    await this.exclusive(async () => { await this.#guard.override(this.#stored()) })
  }

  /** What was dropped has been signed: it has to be pulled back before anything else is. */
  override async rewind (size: number): Promise<void> {
    await super.rewind(size)
    await this.exclusive(async () => { await this.#guard.check(this.#stored()) })
  }

  override async rebuild (): Promise<void> {
    // next to each other: no append in between trusts a filter of the index as it was
    await Promise.all([super.rebuild(), this.exclusive(async () => { await Promise.resolve(this.#ids.reset()) })])
  }

  override async get (key: EntryKey): Promise<LedgerEntry | null> {
    return await this.hooks.get(key, async () => await super.get(key))
  }

  override async query (filter: QueryFilter = {}): Promise<QueryResult> {
    return await this.hooks.query(filter, async (asked) => await super.query(asked))
  }

  override async verifyChain (span: { from?: number, limit?: number } = {}): Promise<ChainReport> {
    return await this.hooks.verifyChain(span, async () => await super.verifyChain(span))
  }

  /** The first commit of a new ledger. */
  async begin (genesis: Entry): Promise<void> {
    await this.exclusive(async () => {
      await this.commit([genesis], this.follow([genesis]), { payloadStates: () => 'missing', sync: true, audited: 1, beforeShown: async () => { await this.#guard.signed(this.id, 0, genesis.hash) } })
    })
  }

  /** Waits for what was accepted, and refuses the rest. */
  async close (): Promise<void> {
    await this.#queue.close()
    await this.checkpoints.stop()
    await this.#ids.stop()
    await this.settle()
  }

  protected override async commit (...[entries, ...rest]: Parameters<Mirror['commit']>): Promise<void> {
    for (const { header } of entries) this.#ids.add(header.id)
    await super.commit(entries, ...rest)
  }

  /** Entries come in from outside only while restoring; with the mark's entry the ledger is ready again. */
  protected override async takeIn (entries: Entry[], payloadStates: PayloadStates): Promise<ChainState> {
    if (this.#guard.state !== 'restoring') throw new LedgermeshError('READ_ONLY', 'the own ledger takes entries from peers only while it is restored')
    const chain = await super.takeIn(entries, payloadStates)
    await this.#guard.restored(this.#stored())
    return chain
  }

  async #append (inputs: AppendInput[], options: AppendOptions, authority: Authority, key: SigningKey | null = null): Promise<Appended[]> {
    if (inputs.length === 0) return []
    for (const input of inputs) {
      checkInput(input, authority)
      await this.hooks.beforeAppend(input)
    }
    const drafted = await this.#queue.add({ inputs, options, key })
    const views = drafted.map(({ entry, existing }) => ({ ...viewOwn(entry), existing }))
    for (const view of views) if (!view.existing) await this.hooks.afterAppend(view)
    return views
  }

  #draft (): Draft {
    if (this.context.store.failed) this.#guard.fail()
    this.#guard.assertReady()
    if (this.frozenAt !== null) throw new LedgermeshError('FROZEN', 'there is evidence against the own ledger: nothing is signed')
    if (this.#key === null || this.chain === null) throw new LedgermeshError('READ_ONLY', 'there is no signing key')
    const { clock, random, resolve } = this.context
    return new Draft(this.chain, {
      clock, random,
      isUsedKey: async (publicKey) => await this.#isUsedKey(publicKey),
      resolve: async (ledger, entryId) => await resolve(ledger, entryId),
      mayHold: (id) => this.#ids.mayHold(id, this.size),
      stored: async (id) => {
        const seq = await this.reader.seqOfId(id, this.size)
        const entry = seq === null ? null : await this.reader.one(seq)
        return entry === null ? null : (await this.reader.withPayloads([entry]))[0]!
      }
    })
  }

  /** I1, I2: commit (synced), mark, then everybody else, peers that ask for the newest entries included. */
  async #commit (draft: Draft, key: SigningKey): Promise<void> {
    const { entries, chain } = draft
    const last = entries.at(-1)!
    try {
      const audited = this.audited === this.size ? chain.size : this.audited
      await this.commit(entries, chain, { payloadStates: () => 'missing', sync: true, audited, beforeShown: async () => { await this.#guard.signed(this.id, last.header.seq, last.hash) } })
      this.#key = key
    } catch (error) {
      this.#guard.fail()
      throw error instanceof LedgermeshError ? error : new LedgermeshError('STORE_FAILED', `the signer's mark could not be written: ${(error as Error).message}`, undefined, { cause: error })
    }
    for (const listener of this.#listeners) {
      try {
        listener(entries)
      } catch (error) {
        this.context.log.error({ err: error }, 'a listener for appended entries failed')
      }
    }
    this.checkpoints.wake()
  }

  async #isOwnKey (key: string): Promise<boolean> {
    const { chain } = this
    if (chain === null) return false
    if (chain.key === key || (chain.nextKeyHash !== null && keyHash(key) === chain.nextKeyHash)) return true
    return await this.#isUsedKey(key)
  }

  async #isUsedKey (key: string): Promise<boolean> {
    return (await this.keyEntries()).some(({ header }) => (JSON.parse(Buffer.from(header).toString()) as { key: string }).key === key)
  }

  #stored (): OwnStored {
    return { id: this.id, size: this.size, hashAt: async (seq) => await this.heldHash(seq) }
  }
}

/** `viewEntry` without checking again the payload bytes that were made or read here. */
function viewOwn (entry: Entry): LedgerEntry {
  const { payload } = entry.raw
  const view = viewEntry({ ...entry, raw: { ...entry.raw, payload: null } }, true, 'missing')
  if (payload === null) return view
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  return { ...view, payload: (JSON.parse(text) as Payload).payload, payload_state: 'present', raw: { ...view.raw, payload: text } }
}

function ledgerEntry (type: string, meta: JsonObject): AppendInput {
  return { stream: LEDGER_STREAM, type, meta }
}
