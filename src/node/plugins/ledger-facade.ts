/** The public interface to the ledgers held here: the own one with all hooks, mirrors read-only. */
import { systemSteady } from '../runtime/system.js'
import { LedgermeshError, isCoded } from '../../core/errors.js'
import { isHash, toHex, type Hash } from '../../core/hash.js'
import type { Header } from '../../core/header.js'
import { isInteger, isObject } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import { coveringCheckpoint, proveEntry } from '../../ledger/entry-proof.js'
import { readEntryKey, type EntryKey } from '../../ledger/read/entry-key.js'
import { verifyCopy } from '../topology/verify-copy.js'
import { verifyReferences } from '../topology/verify-references.js'
import { accessOf, changeAccess } from '../access/change-access.js'
import type { AccessChange, AccessReport } from '../api/access.js'
import type {
  AppendInput,
  AppendOptions,
  Appended,
  ChainVerification,
  ConsistencyProof,
  EntryPointer,
  EntryProof,
  EntryVerification,
  Head,
  LedgerApi,
  QueryFilters,
  QueryResult
} from '../api/ledger.js'
import type { EntriesEvent } from '../api/events.js'
import type { LedgerChoice } from '../api/ledger-choice.js'
import type { References, ReferencesOptions, ReferenceStates, ReferenceStatesOptions } from '../api/references.js'
import type { Feed } from '../events/entry-feed.js'
import { referencesOf } from '../references/references-of.js'
import { referenceStates } from '../references/reference-states.js'
import type { ReferenceTracker } from '../references/reference-tracker.js'
import { requireReferences, type FetchRequired } from '../references/require-references.js'

const ACCESS_CHANGE: Members<AccessChange> = { grant: true, revoke: true, trustMilli: true }
const RANGE: Members<{ from?: number; limit?: number }> = { from: true, limit: true }

/** The own ledger and the mirrors, with the hooks of all plugins. */
export class LedgerFacade implements LedgerApi {
  readonly #ledgers: Ledgers
  readonly #feed: Feed
  readonly #onAppended: (kind: 'single' | 'batch', seconds: number) => void
  readonly #tracker: ReferenceTracker
  /** null: references to ledgers that are not held are not checked. */
  #required: FetchRequired | null = null
  /** null: entries are not searched elsewhere. */
  #elsewhere: ((key: EntryKey, ledger: LedgerId) => Promise<LedgerEntry | null>) | null = null

  /** @internal */
  constructor(
    ledgers: Ledgers,
    feed: Feed,
    onAppended: (kind: 'single' | 'batch', seconds: number) => void,
    tracker: ReferenceTracker
  ) {
    this.#ledgers = ledgers
    this.#tracker = tracker
    this.#feed = feed
    this.#onAppended = onAppended
  }

  /** The own ledger. */
  get id(): LedgerId {
    return this.#ledgers.own.id
  }

  async #timed<T>(kind: 'single' | 'batch', append: () => Promise<T>): Promise<T> {
    const since = systemSteady()
    const appended = await append()
    this.#onAppended(kind, (systemSteady() - since) / 1000)
    return appended
  }

  /** Durable when it resolves. */
  async append(input: AppendInput, options: AppendOptions = {}): Promise<Appended> {
    const [checked] = await this.#require([input], options)
    return await this.#timed('single', () => this.#ledgers.own.append(checked!, options))
  }

  /** All or nothing, in one commit. */
  async appendBatch(inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    const checked = await this.#require(inputs, options)
    return await this.#timed('batch', () => this.#ledgers.own.appendBatch(checked, options))
  }

  async #require(inputs: AppendInput[], { allowUnresolved }: AppendOptions): Promise<AppendInput[]> {
    const fetch = this.#required
    // A value that is not a list is refused where the input is read.
    if (fetch === null || allowUnresolved === true || !Array.isArray(inputs)) return inputs
    return await requireReferences(inputs, { ledgers: this.#ledgers, fetch })
  }

  /** A string is an entry's id. null: there is no such entry. */
  async get(pointer: EntryPointer | string, ledger?: LedgerChoice): Promise<LedgerEntry | null> {
    const key = readEntryKey(pointer)
    if (ledger !== '*') {
      // For a ledger that is not held, other nodes may be asked.
      if (ledger !== undefined && this.#elsewhere !== null && this.#ledgers.get(ledger) === undefined)
        return await this.#elsewhere(key, ledger)
      const held = this.held(ledger)
      return (await held.get(key)) ?? (held.own ? null : ((await this.#elsewhere?.(key, held.id)) ?? null))
    }
    if ('hash' in key) {
      const found = await this.#ledgers.findByHash(key.hash)
      return found === null ? null : await found.ledger.get({ seq: found.seq })
    }
    for (const one of this.#ledgers.list()) {
      const entry = await one.get(key)
      if (entry !== null) return entry
    }
    return null
  }

  /** By seq; over all ledgers (`*`) by ledger id first. */
  async query(filters: QueryFilters = {}, ledger?: LedgerChoice): Promise<QueryResult> {
    if (!isObject(filters)) throw new LedgermeshError('INVALID_PARAMS', 'filters are given as an object')
    const { withConflicts = false, ...asked } = filters
    if (typeof withConflicts !== 'boolean')
      throw new LedgermeshError('INVALID_PARAMS', 'withConflicts is true or false')
    const result = ledger === '*' ? await this.#ledgers.query(asked) : await this.held(ledger).query(asked)
    return withConflicts ? { ...result, entries: await this.#withConflicts(result.entries) } : result
  }

  async #withConflicts(entries: readonly LedgerEntry[]): Promise<LedgerEntry[]> {
    const shown: LedgerEntry[] = []
    for (const id of new Set(entries.map(({ ledger }) => ledger))) {
      const ofOne = entries.filter(({ ledger }) => ledger === id)
      const conflicts = await this.#ledgers.openConflicts.of(
        id,
        ofOne.map(({ hash, raw }) => ({ hash, header: JSON.parse(raw.header) as Header }))
      )
      shown.push(...ofOne.map((entry, index) => ({ ...entry, conflicts: conflicts[index]! })))
    }
    return shown
  }

  /** Verifies its signature, and compares its references with what is held. A string is an entry's id. */
  async verifyEntry(pointer: EntryPointer | string, ledger?: LedgerId): Promise<EntryVerification> {
    const held = this.held(ledger)
    const entry = await held.get(readEntryKey(pointer))
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${held.id}`)
    const references = await verifyReferences(entry.meta, this.#ledgers.held)
    const copy = await verifyCopy(entry, held, this.#ledgers)
    const verdict = { ledger: held.id, seq: entry.seq, hash: entry.hash, references, copy }
    try {
      if (await held.verifyEntry({ seq: entry.seq })) return { valid: true, ...verdict, problem: null }
      return {
        valid: false,
        ...verdict,
        problem: { code: 'BAD_SIGNATURE', message: 'the entry is not signed by its key' }
      }
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      return { valid: false, ...verdict, problem: { code: error.code, message: error.message } }
    }
  }

  /**
   * The references of one entry, and the references to it, among the entries held here. A string is an entry's id.
   * Throws INVALID_PARAMS, NOT_FOUND, NOT_FOLLOWED.
   */
  async references(
    pointer: EntryPointer | string,
    options?: ReferencesOptions,
    ledger?: LedgerId
  ): Promise<References> {
    return await referencesOf(this.#ledgers, ledger, pointer, options)
  }

  /**
   * The number of references by status of the own ledger (or, with `references.track: all`, of any held one), and a
   * page of them. Throws INVALID_PARAMS, CURSOR_INVALID, NOT_FOUND.
   */
  async referenceStates(options?: ReferenceStatesOptions, ledger?: LedgerId): Promise<ReferenceStates> {
    return await referenceStates(this.#tracker, this.#ledgers, options, ledger)
  }

  /** Re-reads everything from the disk; the first problem is part of the answer. */
  async verifyChain(range: { from?: number; limit?: number } = {}, ledger?: LedgerId): Promise<ChainVerification> {
    const span = readOptions(range, RANGE, 'member')
    for (const count of [span.from, span.limit])
      if (count !== undefined && !isInteger(count, Number.MAX_SAFE_INTEGER))
        throw new LedgermeshError('INVALID_PARAMS', 'from and limit are counts of entries')
    const report = await this.held(ledger).verifyChain(span)
    const { signatures, none, ...payloads } = report.counts
    return {
      valid: report.valid,
      ledger: report.ledger,
      from: report.from,
      entries: report.entries,
      signatures,
      payloads: { ...payloads, none },
      timestampsGoingBack: report.warnings,
      problem: report.firstInvalid
    }
  }

  /**
   * Delivers entries of this ledger, or of all held ones (`*`), as they are stored: own ones when they are durable,
   * others when they are verified. Until the returned function is called. The listener must be fast.
   */
  subscribe(ledger: LedgerChoice, listener: (event: EntriesEvent) => void): () => void {
    return this.#feed.subscribe(ledger, listener)
  }

  /** Its newest visible entry as signed, and the RFC 6962 root over all of them. Throws NOT_FOUND. */
  async head(ledger?: LedgerId): Promise<Head> {
    const held = this.held(ledger)
    const head = held.head()
    if (head === null) throw new LedgermeshError('NOT_FOUND', `nothing of ${held.id} is held yet`)
    const header = Buffer.from(head.header).toString()
    const { timestamp } = JSON.parse(header) as { timestamp: number }
    return {
      ledger: held.id,
      size: head.seq + 1,
      seq: head.seq,
      hash: head.hash,
      root: await held.rootAt(head.seq + 1),
      header,
      signature: toHex(head.signature),
      timestamp
    }
  }

  /** The newest signed checkpoint; for the own ledger one over all its entries. Throws NOT_FOUND, NOT_YET. */
  async checkpoint(ledger?: LedgerId): Promise<{ ledger: LedgerId; size: number; root: Hash; note: string }> {
    const held = this.held(ledger)
    const { note, size, root } = await coveringCheckpoint(held, held.own ? held.visible : 1, this.#ledgers.network)
    return { ledger: held.id, size, root, note }
  }

  /** Everything that proves offline that the ledger contains the entry. Throws NOT_FOUND, NOT_YET. */
  async prove(pointer: EntryPointer | string, ledger?: LedgerId): Promise<EntryProof> {
    return await proveEntry(this.held(ledger), readEntryKey(pointer), this.#ledgers.network)
  }

  /**
   * RFC 6962 proof that the tree over the first `size1` entries is the beginning of the one over `size2`. Throws
   * NOT_FOUND, BAD_PROOF.
   */
  async consistency(size1: number, size2: number, ledger?: LedgerId): Promise<ConsistencyProof> {
    const held = this.held(ledger)
    return {
      ledger: held.id,
      size1,
      root1: await held.rootAt(size1),
      size2,
      root2: await held.rootAt(size2),
      proof: await held.consistencyProof(size1, size2)
    }
  }

  /**
   * Deletes payloads of the own ledger here, and asks every holder to delete them. One ledger.erase entry for each 256
   * hashes. Throws INVALID_PARAMS, NOT_FOUND.
   */
  async erase(hashes: Hash[]): Promise<Appended[]> {
    if (!Array.isArray(hashes) || !hashes.every(isHash))
      throw new LedgermeshError('INVALID_PARAMS', 'give a list of entry hashes, each 64 hex digits')
    return await this.#ledgers.own.erase(hashes)
  }

  /** Who may read a ledger held here; default: the own one. Throws NOT_FOUND. */
  async access(ledger?: LedgerId): Promise<AccessReport> {
    return await Promise.resolve(accessOf(this.#ledgers, ledger))
  }

  /** Changes who may read the own ledger. Throws INVALID_PARAMS. */
  async setAccess(change: AccessChange): Promise<Appended> {
    return await changeAccess(this.#ledgers, readOptions(change, ACCESS_CHANGE, 'member'))
  }

  /** May a ledger be read by its readers only? Also true for a ledger that is not held here. */
  isPrivate(ledger: LedgerId): boolean {
    return this.#ledgers.get(ledger)?.chain?.access !== 'public'
  }

  /** Sets where an entry is searched that a mirror does not have; for the own ledger that is a hook. @internal */
  lookElsewhere(search: (key: EntryKey, ledger: LedgerId) => Promise<LedgerEntry | null>): void {
    this.#elsewhere = search
  }

  /** Entries are appended only if the entries that they refer to exist; those not held are fetched. @internal */
  requireReferences(fetch: FetchRequired): void {
    this.#required = fetch
  }

  /** The ledger to work on: the own one by default. Throws NOT_FOUND. @internal */
  held(id?: LedgerId): Ledger {
    const ledger = id === undefined ? this.#ledgers.own : this.#ledgers.get(id)
    if (ledger === undefined) throw new LedgermeshError('NOT_FOUND', `ledger ${id!} is not held here`)
    return ledger
  }
}
