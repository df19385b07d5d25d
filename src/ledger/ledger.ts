/** One ledger on disk, to read: the own one or a copy of another's. */
import { applyAccess, noAccess, type AccessRules } from '../core/access.js'
import type { ChainState } from '../core/chain.js'
import { verifyEntrySignature, type Entry, type RawEntry, type SignedHeader } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { AccessMeta } from '../core/ledger-types.js'
import { proveConsistency, proveInclusion, rootFrom, type Nodes } from '../core/merkle.js'
import type { LedgerEntry } from '../core/view.js'
import { evidenceIdOf, evidenceKey, ledgerKey, ledgerRange, seqOf, seqRange } from '../store/keys.js'
import type { LedgerContext } from './context.js'
import { EntryReader } from './entry-reader.js'
import { MAX_LIMIT, queryLedger, queryPage, type Queried, type QueryFilter, type QueryResult } from './query.js'
import type { LedgerState } from './records.js'
import { chainAt } from './recovery.js'
import { treeNodes } from './tree-nodes.js'
import { Tree } from './tree.js'
import { voidedEntries, voidedRanges, type VoidedEntry, type VoidedRange } from './voided.js'
import { verifyChain, type ChainReport } from './verify-chain.js'

/** Exactly one member: by id (the lowest seq that has it), by entry hash, or by seq. */
export type EntryKey = { id: string } | { hash: Hash } | { seq: number }
export interface Head extends SignedHeader { seq: number, hash: Hash }

const ACCESS_TYPE = 'ledger.access'

export class Ledger {
  readonly id: LedgerId
  readonly own: boolean
  protected readonly context: LedgerContext
  readonly n: number
  readonly reader: EntryReader
  readonly tree: Tree
  protected state: LedgerState | null
  protected note: string | null = null
  #head: Head | null = null
  #access: AccessRules = noAccess()

  constructor (context: LedgerContext, id: LedgerId, row: { n: number, own: boolean }, state: LedgerState | null) {
    this.context = context
    this.id = id
    this.own = row.own
    this.n = row.n
    this.state = state
    this.reader = new EntryReader(context.store, context.log, row.n, row.own)
    this.tree = new Tree(context.store, this.reader)
  }

  /** Stored entries, disputed ones included. */
  get size (): number {
    return this.state?.chain.size ?? 0
  }

  /** Entries that are served and shown: all, or those below the evidence (I4). */
  get visible (): number {
    return Math.min(this.size, this.state?.frozen?.size ?? this.size)
  }

  /** Hash of the newest stored entry. */
  get headHash (): Hash | null {
    return this.state?.chain.headHash ?? null
  }

  get chain (): ChainState | null {
    return this.state?.chain ?? null
  }

  /** Entries, from 0, whose own signatures were checked. */
  get audited (): number {
    return this.state?.audited ?? 0
  }

  /** Size below the lowest evidence; null: no evidence. */
  get frozenAt (): number | null {
    return this.state?.frozen?.size ?? null
  }

  /** Who may read it, by its own visible entries; kept in memory, so that asking costs the same for every ledger. Of a public ledger always empty. */
  get access (): AccessRules {
    return this.#access
  }

  /** The newest visible entry. */
  head (): Head | null {
    return this.#head
  }

  protected setHead (entry: Entry | null): void {
    this.#head = entry === null ? null : { seq: entry.header.seq, hash: entry.hash, header: entry.raw.header, signature: entry.raw.signature }
  }

  /** To be called with the entries of each commit. */
  protected noteAccess (entries: Entry[]): void {
    if (this.chain?.access !== 'private') return
    for (const { header } of entries) if (header.type === ACCESS_TYPE) applyAccess(this.#access, header.meta as unknown as AccessMeta)
  }

  /** Reads head, checkpoint and readers from the disk. A damaged head is logged, and is null: one ledger does not stop the others. */
  async load (): Promise<void> {
    this.note = (await this.context.store.get(ledgerKey('checkpoint', this.n)))?.toString() ?? null
    this.setHead(this.visible === 0 ? null : await this.#readHead())
    this.#access = this.chain?.access === 'private' ? await this.#readAccess() : noAccess()
  }

  /** Damage lets nobody in. */
  async #readAccess (): Promise<AccessRules> {
    const rules = noAccess()
    try {
      for (let next: number | null = 0; next !== null;) {
        const page: { entries: LedgerEntry[], next: number | null } = await this.page({ type: ACCESS_TYPE, limit: MAX_LIMIT }, next)
        for (const { meta } of page.entries) applyAccess(rules, meta as unknown as AccessMeta)
        next = page.next
      }
      return rules
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      this.context.log.error({ err: error, ledger: this.id }, 'the readers of a private ledger cannot be read: it is served to nobody')
      return noAccess()
    }
  }

  async #readHead (): Promise<Entry | null> {
    try {
      return await this.reader.one(this.visible - 1)
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      this.context.log.error({ err: error, ledger: this.id }, 'the newest stored entry is damaged')
      return null
    }
  }

  /** With its payload, if that is held. Null: not stored, or disputed. Throws STORE_DAMAGED. */
  async entry (seq: number): Promise<Entry | null> {
    if (!this.#isVisible(seq)) return null
    const entry = await this.reader.one(seq)
    if (entry === null) throw new LedgermeshError('STORE_DAMAGED', `entry ${seq} of ${this.id} is not in the store`, { seq })
    await this.reader.withPayloads([entry])
    return entry
  }

  async hashAt (seq: number): Promise<Hash | null> {
    if (!this.#isVisible(seq)) return null
    return (await this.reader.one(seq))?.hash ?? null
  }

  /** The hash of a visible entry whose bytes check; null: there is none. */
  async heldHash (seq: number): Promise<Hash | null> {
    try {
      return await this.hashAt(seq)
    } catch (error) {
      if (isCoded(error, 'STORE_DAMAGED')) return null
      throw error
    }
  }

  /** At most `count` visible entries and `bytes` bytes from `from` on, but at least one if there is one. `payloads`: which payloads to read; default all. */
  async range (from: number, limit: { count: number, bytes: number }, payloads?: (header: Header) => boolean): Promise<RawEntry[]> {
    if (!this.#isVisible(from)) return []
    return await this.reader.range(from, this.visible, limit, payloads)
  }

  /** At most `count` visible entries from `from` on, as signed. Throws STORE_DAMAGED. */
  async signed (from: number, count: number): Promise<SignedHeader[]> {
    return await this.reader.signed(from, Math.min(from + count, this.visible))
  }

  /** Payloads of visible entries, for a peer: null where not held. */
  async payloads (seqs: number[]): Promise<{ seq: number, payload: Uint8Array | null }[]> {
    const found = await this.reader.many(seqs.filter((seq) => this.#isVisible(seq)))
    const entries = await this.reader.withPayloads(found.filter((entry) => entry !== null))
    const bySeq = new Map(entries.map(({ header, raw }) => [header.seq, raw.payload]))
    return seqs.map((seq) => ({ seq, payload: bySeq.get(seq) ?? null }))
  }

  async get (key: EntryKey): Promise<LedgerEntry | null> {
    const seq = await this.#find(key)
    if (seq === null) return null
    const entry = await this.reader.one(seq)
    return entry === null ? null : (await this.reader.views([entry], this.audited))[0]!
  }

  /** Throws CURSOR_INVALID or INVALID_PARAMS. */
  async query (filter: QueryFilter = {}): Promise<QueryResult> {
    return await queryLedger(this.#queried(), filter)
  }

  /** For queries over several ledgers: a page from `start` on, and where the next one starts. Without hooks. */
  async page (filter: QueryFilter, start: number | undefined): Promise<{ entries: LedgerEntry[], next: number | null }> {
    return await queryPage(this.#queried(), filter, start)
  }

  /** Is the entry there, and signed by its key? Whether that key was in force is `verifyChain`'s to say. Throws NOT_FOUND or STORE_DAMAGED. */
  async verifyEntry (key: EntryKey): Promise<boolean> {
    const seq = await this.#find(key)
    const entry = seq === null ? null : await this.reader.one(seq)
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${this.id}`)
    return await verifyEntrySignature(entry, this.context.verify)
  }

  /** Re-reads and checks everything from `from` on; nothing is thrown for what does not check. */
  async verifyChain (span: { from?: number, limit?: number } = {}): Promise<ChainReport> {
    return await verifyChain({ id: this.id, reader: this.reader, store: this.context.store, verify: this.context.verify, size: this.size, headHash: this.headHash }, span)
  }

  /** Genesis and rotations below `upToSeq` (default: all visible), for receivers that hold nothing of the ledger. */
  async keyEntries (upToSeq = this.visible): Promise<SignedHeader[]> {
    const keys = await this.context.store.keys(seqRange('keyEntry', this.n, 0, Math.min(upToSeq, this.visible)))
    const entries = await this.reader.many(keys.map(seqOf))
    return entries.filter((entry) => entry !== null).map(({ raw: { header, signature } }) => ({ header, signature }))
  }

  /** Seqs of payloads that are wanted and not held, lowest first. */
  async missingPayloads (limit: number): Promise<number[]> {
    return (await this.context.store.keys({ ...ledgerRange('missing', this.n), limit })).map(seqOf)
  }

  /** The Merkle root over the first `size` entries. Throws NOT_FOUND beyond what is visible, STORE_DAMAGED. */
  async rootAt (size: number): Promise<Hash> {
    return await rootFrom(this.#nodes(size), size)
  }

  /** RFC 6962 audit path. Throws NOT_FOUND, BAD_PROOF. */
  async inclusionProof (seq: number, size: number): Promise<Hash[]> {
    return await proveInclusion(this.#nodes(size), seq, size)
  }

  /** RFC 6962 consistency proof. Throws NOT_FOUND, BAD_PROOF. */
  async consistencyProof (size1: number, size2: number): Promise<Hash[]> {
    return await proveConsistency(this.#nodes(size2), size1, size2)
  }

  /** The newest checkpoint note, own or received; null: none. */
  checkpoint (): string | null {
    return this.note
  }

  /** The evidence that froze the ledger; null: none. */
  async evidence (): Promise<Uint8Array | null> {
    const id = this.state?.frozen?.evidence
    return id === undefined ? null : await this.context.store.get(evidenceKey(this.n, id)) ?? null
  }

  /** All evidence that is kept, and which of it freezes the ledger. */
  async allEvidence (): Promise<{ bytes: Uint8Array, freezes: boolean }[]> {
    const freezing = this.state?.frozen?.evidence
    return (await this.context.store.all(ledgerRange('evidence', this.n))).map(([key, bytes]) => ({ bytes, freezes: evidenceIdOf(key) === freezing }))
  }

  /** The chain before entry `size`; null for 0. Throws STORE_DAMAGED. */
  async chainAt (size: number): Promise<ChainState | null> {
    return await chainAt(this.context.store, this.id, this.reader, size)
  }

  /** What gave way to another branch. */
  async voided (): Promise<VoidedRange[]> {
    return await voidedRanges(this.context.store, this.n)
  }

  async voidedEntries (offset: number, limit: number): Promise<VoidedEntry[]> {
    return await voidedEntries(this.context.store, this.n, offset, limit)
  }

  #queried (): Queried {
    return { id: this.id, reader: this.reader, tree: this.tree, store: this.context.store, size: this.visible, audited: this.audited }
  }

  #nodes (size: number): Nodes {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.visible) throw new LedgermeshError('NOT_FOUND', `${this.id} has ${this.visible} entries here, not ${size}`)
    return treeNodes(this.tree, this.reader, size)
  }

  async #find (key: EntryKey): Promise<number | null> {
    if ('seq' in key) return this.#isVisible(key.seq) ? key.seq : null
    return 'id' in key ? await this.reader.seqOfId(key.id, this.visible) : await this.reader.seqOfHash(key.hash, this.visible)
  }

  #isVisible (seq: number): boolean {
    return Number.isSafeInteger(seq) && seq >= 0 && seq < this.visible
  }
}
