/**
 * The ledger that this node signs. One writer; a commit is durable, and the signer's mark written, before anybody hears
 * of it (I1, I2).
 */
import type { ChainState } from '../core/chain.js'
import { verifyEntrySignature, type Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { isHash, type Hash } from '../core/hash.js'
import type { SigningKey } from '../core/keys.js'
import type { OwnVerdict, ShownKeys } from '../core/own-word.js'
import type { AccessMeta } from '../core/ledger-types.js'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../core/canonical.js'
import { LAST_ROTATION_KEY_ENTRIES, MAX_KEY_ENTRIES, MAX_LIST } from '../core/limits.js'
import type { LedgerEntry } from '../core/view.js'
import {
  readAppendOptions,
  readInput,
  readInputs,
  writeInput,
  type AppendInput,
  type AppendOptions,
  type Authority
} from './append/append-input.js'
import { expectedOf, referencesTo, type Expected } from './append/expected.js'
import { AppendQueue, type AppendRequest } from './append/append-queue.js'
import { CheckpointMaker } from './signer/checkpoint-maker.js'
import type { LedgerContext } from './write/context.js'
import { Draft, type DraftInput } from './append/draft.js'
import type { HookRunner } from './append/hooks.js'
import { viewOwn } from './append/view-own.js'
import { IdFilter } from './append/id-filter.js'
import { Ledger } from './ledger.js'
import type { QueryFilter, QueryResult } from './read/query.js'
import type { LedgerState } from './read/records.js'
import { OwnKeys } from './signer/own-keys.js'
import type { Hold, OwnState, OwnStored, SignerGuard, SignerObserver } from './signer/signer-guard.js'
import type { ChainReport } from './read/verify-chain.js'
import type { EntryKey } from './read/entry-key.js'
import { findEntries, type FoundEntry } from './read/find-entries.js'

/** `existing`: this id was appended before with the same content; nothing was written. */
export interface Appended {
  entry: LedgerEntry
  existing: boolean
}

export interface OwnLedgerOptions {
  signingKey: SigningKey | null
  guard: SignerGuard
  hooks: HookRunner
}

/** An append waits so long for a start to be confirmed, ms. */
const CONFIRM_WAIT_MS = 10_000
/** Stream of the entries that a ledger says about itself. */
const LEDGER_STREAM = 'ledger'

export class OwnLedger extends Ledger {
  readonly hooks: HookRunner
  readonly checkpoints: CheckpointMaker
  readonly keys: OwnKeys
  readonly #guard: SignerGuard
  readonly #queue: AppendQueue
  readonly #ids: IdFilter
  #key: SigningKey | null
  #observer: SignerObserver | null = null
  #onRotated: () => Promise<void> = () => Promise.resolve()
  #isReserved: (id: Hash) => Promise<boolean> = () => Promise.resolve(false)

  constructor(
    context: LedgerContext,
    id: string,
    row: { n: number; own: boolean },
    state: LedgerState | null,
    { signingKey, guard, hooks }: OwnLedgerOptions
  ) {
    super(context, id, row, state)
    this.hooks = hooks
    this.#key = signingKey
    this.#guard = guard
    this.keys = new OwnKeys(this)
    this.#ids = new IdFilter(context.store, context.log, row.n)
    this.#queue = new AppendQueue({
      exclusive: async (run) => {
        await this.exclusive(run)
      },
      draft: () => this.#draft(),
      admit: ({ ends }) => {
        this.#admit(ends)
      },
      key: () => this.#key,
      commit: async (draft, key) => {
        await this.#commit(draft, key)
      }
    })
    this.checkpoints = new CheckpointMaker({
      context,
      tree: this.tree,
      reader: this.reader,
      guard,
      snapshot: () => this.chain,
      key: () => (this.frozenAt === null ? this.#key : null),
      exclusive: async (run) => {
        await this.exclusive(run)
      },
      keep: async (note) => {
        await this.putCheckpoint(note)
      }
    })
  }

  /** What signs now; null: this ledger can only be read. */
  get signingKey(): SigningKey | null {
    return this.#key
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
    return (await this.#append([input], readAppendOptions(options), 'caller'))[0]!
  }

  /** All of them, next to each other, or none. */
  async appendBatch(inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    return await this.#append(inputs, readAppendOptions(options), 'caller')
  }

  /**
   * The node's own entries: reserved types and `meta.sync` allowed. All or none. `expected`: what must stand on a key;
   * else STALE.
   */
  async appendReserved(
    inputs: AppendInput[],
    options: AppendOptions = {},
    expected: Expected | null = null
  ): Promise<Appended[]> {
    return await this.#append(inputs, options, 'node', { expected })
  }

  /**
   * Copies of another ledger's entries, written as they are: one commit, in this order, each on its own; one that is
   * refused does not keep the others from it. Throws nothing: each has its outcome.
   */
  async appendCopies(inputs: AppendInput[]): Promise<PromiseSettledResult<Appended>[]> {
    return await Promise.allSettled(
      inputs.map(async (input) => (await this.#append([input], {}, 'node', { verbatim: true }))[0]!)
    )
  }

  /** Ids of the form of a hash that callers may not use for new entries. */
  reserveIds(isReserved: (id: Hash) => Promise<boolean>): void {
    this.#isReserved = isReserved
  }

  /** What stands under these ids, if anything does. */
  async findIds(ids: readonly string[]): Promise<(FoundEntry | null)[]> {
    // asked while nothing is written: a filter may begin here
    const may = await this.exclusive(() => Promise.resolve(ids.map((id) => this.#ids.mayHold(id, this.size))))
    return await findEntries(this.reader, ids, may, this.visible)
  }

  /**
   * Deletes payloads here, and asks every holder to. Entries without payload and those erased before are passed over.
   * Throws NOT_FOUND.
   */
  async erase(hashes: Hash[]): Promise<Appended[]> {
    const wanted: Hash[] = []
    for (const hash of new Set(hashes)) {
      const entry = await super.get({ hash })
      if (entry === null) throw new LedgermeshError('NOT_FOUND', `no entry of the own ledger has hash ${hash}`)
      if (entry.payload_state !== 'erased' && JSON.parse(entry.raw.header).payload_hash !== null) wanted.push(hash)
    }
    const inputs: AppendInput[] = []
    for (let i = 0; i < wanted.length; i += MAX_LIST)
      inputs.push(ledgerEntry('ledger.erase', { entries: wanted.slice(i, i + MAX_LIST) }))
    return await this.appendReserved(inputs)
  }

  /** A change to who may read. */
  async setAccess(change: AccessMeta): Promise<Appended> {
    return (await this.appendReserved([ledgerEntry('ledger.access', change)]))[0]!
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
    const [rotation] = await this.#append(
      [ledgerEntry('ledger.rotate-key', { next_key_hash: nextKeyHash })],
      {},
      'node',
      { key, ends }
    )
    await this.#onRotated()
    return rotation!
  }

  /** Awaited after each rotation: evidence means something else when a key is retired. */
  onRotated(judge: () => Promise<void>): void {
    this.#onRotated = judge
  }

  /**
   * A peer shows an own entry. `restoring`: it is genuine and not here, nothing is signed until it is; `conflict`:
   * another one is stored in its place; `unknown`: not proven to be ours, or by a key that says nothing (R5). `shown`:
   * key entries that the peer showed, verified.
   */
  async sawOwnEntry(entry: Entry, shown: ShownKeys | null = null): Promise<OwnVerdict> {
    const {
      header,
      header: { seq },
      hash
    } = entry
    const held = async (): Promise<boolean> => (await this.storedHash(seq)) === hash
    if (await held()) return 'known'
    if (
      header.ledger !== this.id ||
      !(await this.keys.counts(header, shown)) ||
      !(await verifyEntrySignature(entry, this.context.verify))
    )
      return 'unknown'
    const verdict = await this.exclusive(async (): Promise<OwnVerdict> => {
      if (await held()) return 'known' // committed meanwhile
      const lacking =
        seq < this.size ? await this.#guard.contradicted(this.id, { seq, hash }) : this.#guard.lacks({ seq, hash })
      return !lacking ? 'unknown' : seq < this.size ? 'conflict' : 'restoring'
    })
    if (verdict === 'restoring' || verdict === 'conflict') this.#observer?.lacking(entry)
    return verdict
  }

  /** Nothing is signed while something is held back. */
  hold(hold: Hold | null): void {
    this.#guard.hold(hold)
    if (this.signer === 'ready') this.checkpoints.wake()
  }

  watchSigner(observer: SignerObserver): void {
    this.#guard.onLook(observer.look)
    this.#observer = observer
  }

  /** The operator's word: what is stored is all that was ever signed. */
  async override(): Promise<void> {
    await this.exclusive(async () => {
      await this.#guard.override(this.#stored())
    })
  }

  /** What was dropped has been signed: it has to be pulled back before anything else is. */
  override async rewind(size: number): Promise<void> {
    await super.rewind(size)
    await this.exclusive(async () => {
      await this.#guard.check(this.#stored())
    })
  }

  override async rebuild(): Promise<void> {
    // next to each other: no append in between trusts a filter of the index as it was
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
      await this.commit([genesis], this.follow([genesis]), {
        payloadStates: () => 'missing',
        sync: true,
        audited: 1,
        beforeShown: async () => {
          await this.#guard.signed(this.id, 0, genesis.hash)
        }
      })
    })
  }

  /** Waits for what was accepted, and refuses the rest. */
  async close(): Promise<void> {
    this.#guard.close()
    await this.#queue.close()
    await this.checkpoints.stop()
    await this.#ids.stop()
    await this.idle()
  }

  protected override async commit(...[entries, ...rest]: Parameters<Ledger['commit']>): Promise<void> {
    for (const { header } of entries) this.#ids.add(header.id)
    await super.commit(entries, ...rest)
  }

  /** Entries come in from outside only while restoring; with the mark's entry the ledger is ready again. */
  protected override async takeIn(...[entries, ...rest]: Parameters<Ledger['takeIn']>): Promise<ChainState> {
    if (this.#guard.state !== 'restoring')
      throw new LedgermeshError('READ_ONLY', 'the own ledger takes entries from peers only while it is restored')
    const chain = await super.takeIn(entries, ...rest)
    if (await this.#guard.restored(this.#stored())) this.#observer?.restored()
    return chain
  }

  async #append(
    inputs: AppendInput[],
    options: AppendOptions,
    authority: Authority,
    request: Partial<Pick<AppendRequest, 'key' | 'ends' | 'expected' | 'verbatim'>> = {}
  ): Promise<Appended[]> {
    // all of them now: what the caller changes later is not what it gave
    const read: DraftInput[] = readInputs(inputs, authority).map((input) => ({ given: input, made: input }))
    if (read.length === 0) return []
    const hashes = authority === 'caller' ? read.flatMap(({ given: { id } }) => (isHash(id) ? [id] : [])) : []
    if (hashes.length > 0) await this.#refuseReserved(hashes)
    const expected =
      options.expect === undefined ? (request.expected ?? null) : await this.#expect(options.expect, read)
    if (this.hooks.watchAppends) {
      for (const input of read) {
        const seen = writeInput(input.given)
        await this.hooks.beforeAppend(seen)
        input.made = readInput(seen, authority)
        if (request.verbatim === true && !isDeepStrictEqual(input.made, input.given))
          throw new LedgermeshError('INVALID_PARAMS', 'a hook has changed a copy: it would be none any more')
      }
    }
    // R3: "Appends wait ≤ 10 s, then CONFIRMING (retryable)."
    await this.#guard.opened(this.context.clock, CONFIRM_WAIT_MS)
    const drafted = await this.#queue.add({
      inputs: read,
      options,
      verbatim: false,
      key: null,
      ends: null,
      ...request,
      expected
    })
    const appended = drafted.map(({ entry, existing }) => ({ entry: viewOwn(entry), existing }))
    for (const { entry, existing } of appended) if (!existing) await this.hooks.afterAppend(entry)
    return appended
  }

  /** An entry that is there already stays what it is. Throws RESERVED_ID. */
  async #refuseReserved(ids: Hash[]): Promise<void> {
    const found = await this.findIds(ids)
    for (const [i, id] of ids.entries())
      if (found[i] === null && (await this.#isReserved(id)))
        throw new LedgermeshError(
          'RESERVED_ID',
          `the id ${id} is that of a copy: an entry of that hash is to be adopted`
        )
  }

  /** The entry says that it has seen what is expected, too. */
  async #expect(expect: NonNullable<AppendOptions['expect']>, inputs: DraftInput[]): Promise<Expected> {
    const [input, ...more] = inputs
    if (more.length > 0) throw new LedgermeshError('INVALID_PARAMS', 'expect is for a single entry')
    const expected = expectedOf(this.context.rules, this.id, expect, input!.given)
    input!.given = input!.made = {
      ...input!.given,
      references: await referencesTo(this.context.held, this.id, expect.siblings, input!.given.references)
    }
    return expected
  }

  /**
   * While there is evidence, nothing is signed but the rotation that retires the accused key (R1). It was judged before
   * its turn came: only that freeze may stand.
   */
  #admit(ends: string | null): void {
    const { frozen } = this
    if (frozen !== null && frozen.evidence !== ends)
      throw new LedgermeshError('FROZEN', 'there is evidence against the own ledger: nothing is signed')
  }

  #draft(): Draft {
    if (this.context.store.failed) this.#guard.fail()
    this.#guard.assertReady()
    if (this.#key === null || this.chain === null) throw new LedgermeshError('READ_ONLY', 'there is no signing key')
    return new Draft(this.chain, {
      ...this.context,
      isUsedKey: async (publicKey) => await this.keys.isUsed(publicKey),
      mayHold: (id) => this.#ids.mayHold(id, this.size),
      stored: async (id) => {
        const seq = await this.reader.seqOfId(id, this.size)
        const entry = seq === null ? null : await this.reader.one(seq)
        return entry === null ? null : (await this.reader.withPayloads([entry]))[0]!
      }
    })
  }

  /** I1, I2: commit (synced), mark, then everybody else, peers that ask for the newest entries included. */
  async #commit(draft: Draft, key: SigningKey): Promise<void> {
    const { entries, chain } = draft
    const last = entries.at(-1)!
    try {
      const audited = this.audited === this.size ? chain.size : this.audited
      await this.commit(entries, chain, {
        payloadStates: () => 'missing',
        sync: true,
        audited,
        beforeShown: async () => {
          await this.#guard.signed(this.id, last.header.seq, last.hash)
        }
      })
      this.#key = key
    } catch (error) {
      this.#guard.fail()
      throw error instanceof LedgermeshError
        ? error
        : new LedgermeshError(
            'STORE_FAILED',
            `the outcome is unknown, the entries may be stored: the signer's mark could not be written: ${(error as Error).message}`,
            { outcome: 'unknown' },
            { cause: error }
          )
    }
    if (this.audited === this.size) this.emit({ type: 'audited' })
    this.emit({ type: 'stored', entries, signed: true })
    this.checkpoints.wake()
  }

  #stored(): OwnStored {
    return { id: this.id, size: this.size, hashAt: async (seq) => await this.storedHash(seq) }
  }
}

function ledgerEntry(type: string, meta: JsonObject): AppendInput {
  return { stream: LEDGER_STREAM, type, meta }
}
