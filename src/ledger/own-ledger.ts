/**
 * The ledger that this node signs. One writer; a commit is durable, and the signer's mark written, before anyone is
 * told of it (I1, I2).
 */
import type { ChainState } from '../core/chain.js'
import type { Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { SigningKey } from '../core/keys.js'
import type { OwnVerdict, ShownKeys } from '../core/own-word.js'
import type { AccessMeta } from '../core/ledger-types.js'
import { LAST_ROTATION_KEY_ENTRIES, MAX_KEY_ENTRIES } from '../core/limits.js'
import type { LedgerEntry } from '../core/view.js'
import { readAppendOptions, type AppendInput, type AppendOptions } from './append/append-input.js'
import { Appender, type Appended } from './append/appender.js'
import type { Expected } from './append/expected.js'
import { CheckpointMaker } from './signer/checkpoint-maker.js'
import type { LedgerContext } from './write/context.js'
import type { HookRunner } from './append/hooks.js'
import { IdFilter } from './append/id-filter.js'
import { accessEntry, eraseEntries, rotationEntry } from './append/ledger-entries.js'
import { Ledger } from './ledger.js'
import type { QueryFilter, QueryResult } from './read/query.js'
import type { LedgerState } from './read/records.js'
import { judgeSighting } from './signer/own-entry-sighting.js'
import { OwnKeys } from './signer/own-keys.js'
import { SignedCommits } from './signer/signed-commits.js'
import type { Hold, OwnState, OwnStored, SignerGuard, SignerObserver } from './signer/signer-guard.js'
import type { ChainReport } from './read/verify-chain.js'
import type { EntryKey } from './read/entry-key.js'
import { findEntries, type FoundEntry } from './read/find-entries.js'

export interface OwnLedgerOptions {
  signingKey: SigningKey | null
  guard: SignerGuard
  hooks: HookRunner
}

/** How long an append waits for a start to be confirmed, ms. */
const CONFIRM_WAIT_MS = 10_000

export class OwnLedger extends Ledger {
  readonly hooks: HookRunner
  readonly checkpoints: CheckpointMaker
  readonly keys: OwnKeys
  readonly #guard: SignerGuard
  readonly #commits: SignedCommits
  readonly #appender: Appender
  readonly #ids: IdFilter
  #observer: SignerObserver | null = null
  #onRotated: () => Promise<void> = () => Promise.resolve()

  constructor(
    context: LedgerContext,
    id: string,
    row: { n: number; own: boolean },
    state: LedgerState | null,
    { signingKey, guard, hooks }: OwnLedgerOptions
  ) {
    super(context, id, row, state)
    this.hooks = hooks
    this.#guard = guard
    this.keys = new OwnKeys(this)
    this.#ids = new IdFilter(context.store, context.log, row.n)
    this.#commits = new SignedCommits({
      ledger: this,
      signingKey,
      guard,
      hasFailed: () => context.store.failed,
      drafting: {
        ...context,
        isUsedKey: async (publicKey) => await this.keys.isUsed(publicKey),
        mayHold: (id) => this.#ids.mayHold(id, this.size),
        stored: async (id) => await this.#storedWithPayload(id)
      },
      exclusive: async (run) => {
        await this.exclusive(run)
      },
      write: async (entries, chain, commitOptions) => {
        await this.commit(entries, chain, commitOptions)
      },
      committed: (entries) => {
        if (this.audited === this.size) this.emit({ type: 'audited' })
        this.emit({ type: 'stored', entries, signed: true })
        this.checkpoints.wake()
      }
    })
    this.#appender = new Appender({
      ledger: this.id,
      context,
      hooks,
      target: this.#commits,
      findIds: async (ids) => await this.findIds(ids),
      confirmed: async () => {
        await guard.opened(context.clock, CONFIRM_WAIT_MS)
      }
    })
    this.checkpoints = new CheckpointMaker({
      context,
      tree: this.tree,
      reader: this.reader,
      guard,
      snapshot: () => this.chain,
      key: () => (this.frozenAt === null ? this.signingKey : null),
      exclusive: async (run) => {
        await this.exclusive(run)
      },
      keep: async (note) => {
        await this.putCheckpoint(note)
      }
    })
  }

  /** The key that signs now; null: this ledger can only be read. */
  get signingKey(): SigningKey | null {
    return this.#commits.key()
  }

  /** `frozen`: there is evidence against it (I4); the others: see OwnState. */
  get signer(): OwnState {
    if (this.context.store.failed) return 'failed'
    const { state } = this.#guard
    return this.frozenAt !== null && state !== 'failed' && state !== 'restoring' ? 'frozen' : state
  }

  /** Fires when `signer` becomes `failed`. */
  get failing(): AbortSignal {
    return AbortSignal.any([this.context.store.failing, this.#guard.failing])
  }

  /** While restoring: the entry that must be here first; null: only the operator knows. */
  get restoreTarget(): { seq: number; hash: Hash } | null {
    return this.#guard.target
  }

  /**
   * Durable when it resolves. Throws INVALID_PARAMS, RESERVED_TYPE, RESERVED_ID, MALFORMED, TOO_LARGE, ID_TAKEN,
   * REFERENCE_UNRESOLVED, REFERENCE_CONTRADICTED, RESTORING, READ_ONLY, STORE_FAILED, CLOSED, and whatever a
   * beforeAppend hook throws.
   */
  async append(input: AppendInput, options: AppendOptions = {}): Promise<Appended> {
    return (await this.#appender.append([input], readAppendOptions(options), 'caller'))[0]!
  }

  /** Appends all inputs, next to each other, or none. */
  async appendBatch(inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    return await this.#appender.append(inputs, readAppendOptions(options), 'caller')
  }

  /**
   * Appends the node's own entries: reserved types and `meta.sync` are allowed. All or none. `expected`: the claims
   * that must exist for a key; else STALE.
   */
  async appendReserved(
    inputs: AppendInput[],
    options: AppendOptions = {},
    expected: Expected | null = null
  ): Promise<Appended[]> {
    return await this.#appender.append(inputs, options, 'node', { expected })
  }

  /**
   * Copies of another ledger's entries, written unchanged: one commit, in this order. A refused copy does not keep the
   * others from being written. Throws nothing: each has its outcome.
   */
  async appendCopies(inputs: AppendInput[]): Promise<PromiseSettledResult<Appended>[]> {
    return await Promise.allSettled(
      inputs.map(async (input) => (await this.#appender.append([input], {}, 'node', { verbatim: true }))[0]!)
    )
  }

  /** Ids in the form of a hash that callers may not use for new entries. */
  reserveIds(isReserved: (id: Hash) => Promise<boolean>): void {
    this.#appender.reserveIds(isReserved)
  }

  /** The stored entries with these ids, if there are any. */
  async findIds(ids: readonly string[]): Promise<(FoundEntry | null)[]> {
    // called while nothing is written: it may start to build a filter
    const may = await this.exclusive(() => Promise.resolve(ids.map((id) => this.#ids.mayHold(id, this.size))))
    return await findEntries(this.reader, ids, may, this.visible)
  }

  /**
   * Deletes payloads here, and asks every holder to delete them. Entries without payload and those erased before are
   * skipped. Throws NOT_FOUND.
   */
  async erase(hashes: Hash[]): Promise<Appended[]> {
    const wanted: Hash[] = []
    for (const hash of new Set(hashes)) {
      const entry = await super.get({ hash })
      if (entry === null) throw new LedgermeshError('NOT_FOUND', `no entry of the own ledger has hash ${hash}`)
      if (entry.payload_state !== 'erased' && JSON.parse(entry.raw.header).payload_hash !== null) wanted.push(hash)
    }
    return await this.appendReserved(eraseEntries(wanted))
  }

  /** Changes who may read the ledger. */
  async setAccess(change: AccessMeta): Promise<Appended> {
    return (await this.appendReserved([accessEntry(change)]))[0]!
  }

  /**
   * Puts the committed next key in force; it signs from now on. `nextKeyHash`: the only key that may follow it. `ends`:
   * the evidence whose freeze ends with it (R1). Throws FROZEN, TOO_MANY_KEYS, KEY_NOT_IN_FORCE, or BAD_KEY for a key
   * that was in force before.
   */
  async rotateKey(key: SigningKey, nextKeyHash: Hash | null, ends: string | null = null): Promise<Appended> {
    if (this.keyCount >= LAST_ROTATION_KEY_ENTRIES)
      throw new LedgermeshError(
        'TOO_MANY_KEYS',
        `this ledger has ${this.keyCount} key entries: no follower takes more than ${MAX_KEY_ENTRIES}`
      )
    const [rotation] = await this.#appender.append([rotationEntry(nextKeyHash)], {}, 'node', { key, ends })
    await this.#onRotated()
    return rotation!
  }

  /** Awaited after each rotation, because a retired key changes what evidence means. */
  onRotated(judge: () => Promise<void>): void {
    this.#onRotated = judge
  }

  /**
   * Handles an own entry that a peer shows. `restoring`: it is genuine and not stored here, and nothing is signed until
   * it is; `conflict`: another entry is stored in its place; `unknown`: not proven to be ours, or by a key that does
   * not count (R5). `shown`: key entries that the peer showed, verified.
   */
  async sawOwnEntry(entry: Entry, shown: ShownKeys | null = null): Promise<OwnVerdict> {
    const verdict = await judgeSighting(entry, shown, {
      id: this.id,
      size: () => this.size,
      storedHash: async (seq) => await this.storedHash(seq),
      exclusive: async (run) => await this.exclusive(run),
      keys: this.keys,
      guard: this.#guard,
      verify: this.context.verify
    })
    if (verdict === 'restoring' || verdict === 'conflict') this.#observer?.lacking(entry)
    return verdict
  }

  /** Nothing is signed while entries are missing. */
  hold(hold: Hold | null): void {
    this.#guard.hold(hold)
    if (this.signer === 'ready') this.checkpoints.wake()
  }

  watchSigner(observer: SignerObserver): void {
    this.#guard.onLook(observer.look)
    this.#observer = observer
  }

  /** The operator declares that everything ever signed is stored. */
  async override(): Promise<void> {
    await this.exclusive(async () => {
      await this.#guard.override(this.#stored())
    })
  }

  /** The dropped entries were signed: they have to be pulled back before anything else is signed. */
  override async rewind(size: number): Promise<void> {
    await super.rewind(size)
    await this.exclusive(async () => {
      await this.#guard.check(this.#stored())
    })
  }

  override async rebuild(): Promise<void> {
    // without an await between: no append in between may trust a filter of the old index
    await Promise.all([
      super.rebuild(),
      this.exclusive(async () => {
        await Promise.resolve(this.#ids.reset())
      })
    ])
  }

  override async get(key: EntryKey): Promise<LedgerEntry | null> {
    return await this.hooks.get(key, async () => await this.read(key))
  }

  override async query(filter: QueryFilter = {}): Promise<QueryResult> {
    return await this.hooks.query(filter, async (asked) => await super.query(asked))
  }

  override async verifyChain(span: { from?: number; limit?: number } = {}): Promise<ChainReport> {
    return await this.hooks.verifyChain(span, async () => await super.verifyChain(span))
  }

  /** The first commit of a new ledger. */
  async begin(genesis: Entry): Promise<void> {
    await this.exclusive(async () => {
      await this.#commits.begin(genesis, this.follow([genesis]))
    })
  }

  /** Waits for accepted appends, and refuses new ones. */
  async close(): Promise<void> {
    this.#guard.close()
    await this.#appender.close()
    await this.checkpoints.stop()
    await this.#ids.stop()
    await this.idle()
  }

  protected override async commit(...[entries, ...rest]: Parameters<Ledger['commit']>): Promise<void> {
    if (this.size === 0) this.#ids.startEmpty()
    for (const { header } of entries) this.#ids.add(header.id)
    await super.commit(entries, ...rest)
  }

  /** Entries of peers are accepted only while restoring; once the mark's entry is stored, the ledger is ready again. */
  protected override async takeIn(...[entries, ...rest]: Parameters<Ledger['takeIn']>): Promise<ChainState> {
    if (this.#guard.state !== 'restoring')
      throw new LedgermeshError('READ_ONLY', 'the own ledger takes entries from peers only while it is restored')
    const chain = await super.takeIn(entries, ...rest)
    if (await this.#guard.restored(this.#stored())) this.#observer?.restored()
    return chain
  }

  async #storedWithPayload(id: string): Promise<Entry | null> {
    const seq = await this.reader.seqOfId(id, this.size)
    const entry = seq === null ? null : await this.reader.one(seq)
    return entry === null ? null : (await this.reader.withPayloads([entry]))[0]!
  }

  #stored(): OwnStored {
    return { id: this.id, size: this.size, hashAt: async (seq) => await this.storedHash(seq) }
  }
}
