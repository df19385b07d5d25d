/** All ledgers of a store: the own one, and the mirrors. */
import { Mutex } from '../core/mutex.js'
import { keyHash, startChain } from '../core/chain.js'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { SigningKey } from '../core/keys.js'
import { isLedgerId, ledgerIdOf, type LedgerId } from '../core/ledger-id.js'
import type { GenesisMeta } from '../core/ledger-types.js'
import type { Verify } from '../core/signature.js'
import type { Clock, Log, Random } from '../ports.js'
import { familyRange, ledgerKey, NEXT_NUMBER_KEY, textKey } from '../store/keys.js'
import type { Store } from '../store/store.js'
import { ConflictIndex } from './claims/conflict-index.js'
import { OpenConflicts } from './claims/open-conflicts.js'
import type { ClaimSources } from './claims/key-facts.js'
import { RuleBook } from './claims/rule-book.js'
import { fillStoredAt } from './claims/stored-at.js'
import { Arrivals } from './feed/arrivals.js'
import { isFeedWhole } from './feed/check-feed.js'
import { Compactor } from './write/compactor.js'
import type { LedgerContext } from './write/context.js'
import { signEntry } from './append/draft.js'
import { HookRunner } from './append/hooks.js'
import { HeldPlaces, type Place } from './held-places.js'
import { LedgerEvents } from './ledger-events.js'
import { Ledger } from './ledger.js'
import { OwnLedger } from './own-ledger.js'
import { queryAll } from './read/query-all.js'
import type { QueryFilter, QueryResult } from './read/query.js'
import { decodeRow, decodeState, encodeJson, type LedgerRow, type LedgerState } from './read/records.js'
import type { LedgerChanges, LedgerEvent } from './write/ledger-event.js'
import { eraseLedger } from './write/remove.js'
import { SignerGuard } from './signer/signer-guard.js'

export interface LedgersOptions {
  store: Store
  clock: Clock
  random: Random
  log: Log
  network: string
  verify: Verify
  /** Path of the signer's mark; without it no mark is kept or read (tests, tools that only read). */
  markFile?: string | undefined
  /** Without it the own ledger can only be read. */
  signingKey?: SigningKey | undefined
  /** The genesis of the own ledger, for a store that has none. */
  genesis?: { name: string; access: 'public' | 'private'; nextKeyHash: Hash | null } | undefined
}

/**
 * Opens the stored ledgers; creates the own ledger if there is none. Throws STORE_DAMAGED, WRONG_NETWORK, WRONG_LEDGER,
 * BAD_FILE.
 */
export async function openLedgers(options: LedgersOptions): Promise<Ledgers> {
  const ledgers = new Ledgers(options, await SignerGuard.open(options.markFile ?? null, options.log))
  await ledgers.open()
  return ledgers
}

export class Ledgers {
  /** Hooks on the own ledger. */
  readonly hooks: HookRunner
  /** The conflict rules, and the conflicts found. */
  readonly rules: RuleBook
  readonly conflicts: ConflictIndex
  readonly openConflicts: OpenConflicts
  readonly claimSources: ClaimSources
  /** The feed: what became visible, in the order of its coming. */
  readonly arrivals: Arrivals
  readonly #options: LedgersOptions
  readonly #context: LedgerContext
  readonly #guard: SignerGuard
  readonly #events: LedgerEvents
  readonly #ledgers = new Map<LedgerId, Ledger>()
  readonly #numbers = new Map<number, Ledger>()
  readonly held: HeldPlaces
  #own: OwnLedger | null = null
  #unmarked = false
  #madeOwn = false
  #nextNumber = 1
  readonly #making = new Mutex()

  constructor(options: LedgersOptions, guard: SignerGuard) {
    const { store, clock, random, log, network, verify } = options
    this.#options = options
    this.#guard = guard
    this.hooks = new HookRunner(log)
    this.#events = new LedgerEvents(log)
    this.rules = new RuleBook(store)
    const stored = {
      store,
      byId: (id: LedgerId) => this.#ledgers.get(id),
      byNumber: (ledgerNumber: number) => this.#numbers.get(ledgerNumber)
    }
    const own = (): LedgerId | null => this.#own?.id ?? null
    this.held = new HeldPlaces(stored)
    this.claimSources = { ...stored, held: this.held, own }
    this.conflicts = new ConflictIndex({
      sources: this.claimSources,
      rules: this.rules,
      ledgers: () => this.list(),
      clock,
      log
    })
    this.openConflicts = new OpenConflicts({ store, rules: this.rules, conflicts: this.conflicts })
    this.arrivals = new Arrivals({ store, clock, random, log })
    this.#context = {
      store,
      clock,
      random,
      log,
      network,
      verify,
      compactor: new Compactor(store, log),
      held: this.held,
      rules: this.rules,
      conflicts: this.conflicts,
      arrivals: this.arrivals,
      own,
      // A ledger that is being removed sends no more events.
      emit: (id, event) => {
        if (this.#ledgers.has(id)) this.#emit(this.#ledgers.get(id)!, event)
      }
    }
  }

  /** Throws NOT_FOUND when the store has no own ledger (and `genesis` was not given). */
  get own(): OwnLedger {
    if (this.#own === null) throw new LedgermeshError('NOT_FOUND', 'this store has no own ledger')
    return this.#own
  }

  /** Was the own ledger created by this opening? Then no other node can hold more of it. */
  get madeOwn(): boolean {
    return this.#madeOwn
  }

  /** The network that all ledgers here belong to. */
  get network(): string {
    return this.#context.network
  }

  get hasOwn(): boolean {
    return this.#own !== null
  }

  /** A held ledger by id; the own one included. */
  get(id: LedgerId): Ledger | undefined {
    return this.#ledgers.get(id)
  }

  /** A held ledger by its number in the store. */
  byNumber(ledgerNumber: number): Ledger | undefined {
    return this.#numbers.get(ledgerNumber)
  }

  list(): Ledger[] {
    return [...this.#ledgers.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** The ledger with this id, created empty when it is not held. Throws MALFORMED. */
  async mirror(id: LedgerId): Promise<Ledger> {
    if (!isLedgerId(id)) throw new LedgermeshError('MALFORMED', 'not a ledger id')
    return await this.#making.run(async () => this.#ledgers.get(id) ?? (await this.#make(id, false)))
  }

  /**
   * Calls the listener for each change of this kind in any ledger, in the order of the changes, until the returned
   * function is called. The listener must be fast.
   */
  on<Type extends keyof LedgerChanges>(
    type: Type,
    listener: (ledger: Ledger, change: LedgerChanges[Type]) => void
  ): () => void {
    return this.#events.on(type, listener)
  }

  /** Forgets a mirror and deletes all of it. Throws NOT_FOUND, or READ_ONLY for the own ledger. */
  async remove(id: LedgerId): Promise<void> {
    await this.#making.run(async () => {
      const ledger = this.#ledgers.get(id)
      if (ledger === undefined) throw new LedgermeshError('NOT_FOUND', `${id} is not held`)
      if (ledger.own) throw new LedgermeshError('READ_ONLY', 'the own ledger cannot be removed')
      const { store } = this.#context
      const row = { n: ledger.ledgerNumber, own: false, removing: true } as const
      // Nothing is written to it from here on.
      const removed = await ledger.retire()
      await store.write([{ type: 'put', key: textKey('ledger', id), value: encodeJson(row) }, ...removed.ops], {
        sync: true
      })
      this.#ledgers.delete(id)
      this.#numbers.delete(ledger.ledgerNumber)
      await eraseLedger(store, id, ledger.ledgerNumber, this.conflicts.touch)
      this.#emit(ledger, { type: 'removed' })
      removed.shown()
    })
  }

  /** The place of a held, visible entry with this hash. */
  async findByHash(hash: Hash): Promise<Place | null> {
    const found = await this.held.find(hash)
    return found === null ? null : { ledger: found.ledger, seq: found.seq }
  }

  /** Queries these ledgers (default: all held): results by ledger id, then by seq. */
  async query(filter: QueryFilter = {}, ids?: LedgerId[]): Promise<QueryResult> {
    const wanted = ids === undefined ? this.list() : this.list().filter(({ id }) => ids.includes(id))
    return await queryAll(wanted, this.#context.store.incarnation, filter)
  }

  /** Resolves when erased payloads are gone from the disk. */
  async compacted(): Promise<void> {
    await this.#context.compactor.idle()
  }

  /** Waits for running writes. The store stays open: the caller that opened it closes it. */
  async close(): Promise<void> {
    await this.#own?.close()
    await this.conflicts.stop()
    await this.arrivals.idle()
    await this.#making.idle()
    for (const ledger of this.#ledgers.values()) await ledger.idle()
    await this.#context.compactor.idle()
  }

  async open(): Promise<void> {
    const { store, clock } = this.#context
    await this.arrivals.open()
    const cutting = new Set((await store.keys(familyRange('cutting'))).map((key) => key.readUInt32BE(1)))
    await this.rules.load()
    const rows = (await store.all(familyRange('ledger'))).map(([key, value]) => ({
      id: key.toString('utf8', 1),
      row: decodeRow(value)
    }))
    const states = await store.getMany(rows.map(({ row }) => ledgerKey('state', row.n)))
    this.#nextNumber = Number((await store.get(NEXT_NUMBER_KEY))?.toString() ?? 1)
    for (const [i, { id, row }] of rows.entries()) {
      // a node that stopped between writing the row and the genesis has signed nothing yet
      const unborn = row.own && states[i] === undefined && this.#guard.mark === null
      if (row.removing || unborn) await eraseLedger(store, id, row.n)
      else this.#add(id, row, states[i] === undefined ? null : decodeState(states[i]))
    }
    for (const ledger of this.#ledgers.values()) {
      if (cutting.has(ledger.ledgerNumber)) await ledger.finishCut()
      if (!store.wasClean) {
        await ledger.recover()
        await this.#context.compactor.requestAll(ledger.ledgerNumber)
      }
      await ledger.load()
      await ledger.finishBranch()
      if (ledger.size > 0) await fillStoredAt(store, ledger.ledgerNumber, clock.now())
    }
    // Other branches that the last run had pulled beyond a freeze are deleted: they were not believed yet, and are
    // pulled again.
    await store.clear(familyRange('quarantine'))
    await this.#checkFeed()
    await this.#openOwn()
    this.conflicts.wake()
  }

  /** After an unclean stop: rows that do not fit the ledgers end the epoch, and consumers begin again. */
  async #checkFeed(): Promise<void> {
    const { store, log } = this.#context
    const { floor, next } = this.arrivals
    const visible = (ledgerNumber: number): number | null => this.#numbers.get(ledgerNumber)?.visible ?? null
    if (!store.wasClean && !(await isFeedWhole(store, { floor, next, visible }))) {
      log.warn(
        { event: 'feed.new-epoch' },
        'batches were lost in an unclean stop: consumers of the feed have to begin with a snapshot'
      )
      await this.arrivals.begin()
    }
    this.arrivals.prune()
  }

  async #openOwn(): Promise<void> {
    const mark = this.#guard.mark
    // the store is gone, but the mark names the ledger that this key has signed: it is pulled back
    if (this.#own === null && mark !== null) await this.#make(mark.ledger, true)
    else if (this.#own === null && this.#options.genesis !== undefined) await this.#create(this.#options.genesis)
    const own = this.#own
    if (own === null) return
    if (own.chain !== null && own.chain.network !== this.#context.network)
      throw new LedgermeshError('WRONG_NETWORK', `the own ledger is of network ${own.chain.network}`)
    if (this.#unmarked && this.#options.markFile !== undefined) await this.#finishCreate(own)
    await this.#guard.check({ id: own.id, size: own.size, hashAt: async (seq) => await own.storedHash(seq) })
    if (own.signer === 'ready') own.checkpoints.wake()
  }

  async #create({ name, access, nextKeyHash }: NonNullable<LedgersOptions['genesis']>): Promise<void> {
    const { clock, network } = this.#context
    const key = this.#options.signingKey
    if (key === undefined) throw new LedgermeshError('READ_ONLY', 'a new ledger needs a signing key')
    if (nextKeyHash === keyHash(key.publicKey)) throw new LedgermeshError('BAD_KEY', 'the next key must be another key')
    const meta: GenesisMeta = { network, name, access, next_key_hash: nextKeyHash }
    const entry = await signEntry(
      {
        v: 1,
        ledger: null,
        seq: 0,
        prev_hash: null,
        key: key.publicKey,
        id: 'genesis',
        stream: 'ledger',
        type: 'ledger.genesis',
        issuer_oid: null,
        subject_oid: null,
        timestamp: clock.now(),
        payload_hash: null,
        payload_size: 0,
        meta: { ...meta }
      },
      null,
      key
    )
    const id = ledgerIdOf(entry.hash)
    startChain(id, entry)
    await this.#make(id, true, this.#options.markFile !== undefined)
    await this.#own!.begin(entry)
    this.#madeOwn = true
    if (this.#unmarked) await this.#putMarked(this.#own!)
  }

  /**
   * The last start ended between the genesis and its mark: the ledger was not shown to anyone yet, so the missing mark
   * hides nothing (I2).
   */
  async #finishCreate(own: OwnLedger): Promise<void> {
    if (this.#guard.mark === null && own.size === 1) await this.#guard.signed(own.id, 0, own.headHash!)
    if (this.#guard.mark !== null) await this.#putMarked(own)
  }

  async #putMarked({ id, ledgerNumber }: OwnLedger): Promise<void> {
    await this.#context.store.write(
      [{ type: 'put', key: textKey('ledger', id), value: encodeJson({ n: ledgerNumber, own: true }) }],
      { sync: true }
    )
    this.#unmarked = false
  }

  async #make(id: LedgerId, own: boolean, unmarked = false): Promise<Ledger> {
    const row: LedgerRow = { n: this.#nextNumber, own, ...(unmarked && { unmarked }) }
    await this.#context.store.write(
      [
        { type: 'put', key: textKey('ledger', id), value: encodeJson(row) },
        { type: 'put', key: NEXT_NUMBER_KEY, value: Buffer.from(String(row.n + 1)) }
      ],
      { sync: true }
    )
    this.#nextNumber++
    return this.#add(id, row, null)
  }

  #add(id: LedgerId, row: LedgerRow, state: LedgerState | null): Ledger {
    const ledger = row.own
      ? new OwnLedger(this.#context, id, row, state, {
          signingKey: this.#options.signingKey ?? null,
          guard: this.#guard,
          hooks: this.hooks
        })
      : new Ledger(this.#context, id, row, state)
    if (ledger instanceof OwnLedger) {
      this.#own = ledger
      this.#unmarked = row.unmarked === true
    }
    this.#ledgers.set(id, ledger)
    this.#numbers.set(row.n, ledger)
    return ledger
  }

  #emit(ledger: Ledger, event: LedgerEvent): void {
    this.#events.emit(ledger, event)
    if (event.type === 'cut') this.conflicts.cut(ledger.ledgerNumber, event.size)
    this.conflicts.wake()
  }
}
