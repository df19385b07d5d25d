/** Reads one ledger on disk: the own one or a copy of another's. */
import { unlessDamaged } from './read/unless-damaged.js'
import { noAccess } from '../core/access.js'
import { keyEpoch, type ChainState } from '../core/chain.js'
import { verifyEntrySignature, type Entry, type RawEntry, type SignedHeader } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { evidenceId } from '../core/evidence.js'
import type { Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import type { HeldChain } from '../core/judge-evidence.js'
import { proveConsistency, proveInclusion, rootFrom, type Nodes } from '../core/merkle.js'
import { proveLeaves } from '../core/multiproof.js'
import type { LedgerEntry } from '../core/view.js'
import { EVIDENCE_ID_DIGITS, evidenceKey, ledgerRange, seqKey, seqOf, seqRange } from '../store/keys.js'
import { readAccess } from './read/access-rules.js'
import { HeardEvidence } from './read/heard-evidence.js'
import { queryLedger, queryPage, type QueryFilter, type QueryResult } from './read/query.js'
import { walk, type Queried, type Walk, type Walked } from './read/walk.js'
import type { EntryFilter } from '../core/entry-filter.js'
import { chainAt } from './read/chain-at.js'
import { treeNodes } from './read/tree-nodes.js'
import { Tree } from './read/tree.js'
import { voidedEntries, voidedEntry, voidedRanges, type VoidedEntry, type VoidedRange } from './write/voided.js'
import { verifyChain, type ChainReport } from './read/verify-chain.js'
import type { EntryKey } from './read/entry-key.js'
import { LoadedLedger } from './loaded-ledger.js'

export class LedgerReader extends LoadedLedger {
  readonly tree: Tree
  readonly heardEvidence: HeardEvidence

  constructor(...args: ConstructorParameters<typeof LoadedLedger>) {
    super(...args)
    this.tree = new Tree(this.context.store, this.reader)
    this.heardEvidence = new HeardEvidence({
      all: () => this.allEvidence(),
      read: (id) => this.#readEvidence(id),
      shown: () => this.#shownEvidence
    })
  }

  /** Evidence and readers too. */
  override async load(): Promise<void> {
    this.heardEvidence.changed()
    await super.load()
    this.rules = this.chain?.access === 'private' ? await readAccess(this, this.context.log) : noAccess()
  }

  /** The entry, with its payload if that is held. Null: not stored, or disputed. Throws STORE_DAMAGED. */
  async entry(seq: number): Promise<Entry | null> {
    const entry = await this.bareEntry(seq)
    if (entry !== null) await this.reader.withPayloads([entry])
    return entry
  }

  /** The entry without its payload. Null: not stored, or disputed. Throws STORE_DAMAGED. */
  async bareEntry(seq: number): Promise<Entry | null> {
    if (!this.#isVisible(seq)) return null
    const entry = await this.reader.one(seq)
    if (entry === null)
      throw new LedgermeshError('STORE_DAMAGED', `entry ${seq} of ${this.id} is not in the store`, { seq })
    return entry
  }

  async hashAt(seq: number): Promise<Hash | null> {
    if (!this.#isVisible(seq)) return null
    return (await this.reader.one(seq))?.hash ?? null
  }

  /**
   * Disputed entries too: a comparison of histories must not see one end where a freeze arrives meanwhile. Null: not
   * stored. Throws STORE_DAMAGED.
   */
  async storedEntry(seq: number): Promise<Entry | null> {
    return Number.isSafeInteger(seq) && seq >= 0 && seq < this.size ? await this.reader.one(seq) : null
  }

  /** The hash of a visible entry whose bytes check; null: there is none. */
  async heldHash(seq: number): Promise<Hash | null> {
    return this.#isVisible(seq) ? await this.storedHash(seq) : null
  }

  /** The hash of a stored entry whose bytes check, disputed or not; null: there is none. */
  async storedHash(seq: number): Promise<Hash | null> {
    return (await unlessDamaged(() => this.storedEntry(seq)))?.hash ?? null
  }

  /**
   * At most `count` visible entries and `bytes` bytes from `from` on, but at least one if there is one. `payloads`:
   * which payloads to read; default all.
   */
  async range(
    from: number,
    limit: { count: number; bytes: number },
    payloads?: (header: Header) => boolean
  ): Promise<RawEntry[]> {
    if (!this.#isVisible(from)) return []
    return await this.reader.range(from, this.visible, limit, payloads)
  }

  /** At most `count` visible entries from `from` on, as signed. Throws STORE_DAMAGED. */
  async signed(from: number, count: number): Promise<SignedHeader[]> {
    return await this.reader.signed(from, Math.min(from + count, this.visible))
  }

  /** Payloads of visible entries, for a peer: null where not held. */
  async payloads(seqs: number[]): Promise<{ seq: number; payload: Uint8Array | null }[]> {
    const found = await this.reader.many(seqs.filter((seq) => this.#isVisible(seq)))
    const entries = await this.reader.withPayloads(found.filter((entry) => entry !== null))
    const bySeq = new Map(entries.map(({ header, raw }) => [header.seq, raw.payload]))
    return seqs.map((seq) => ({ seq, payload: bySeq.get(seq) ?? null }))
  }

  async get(key: EntryKey): Promise<LedgerEntry | null> {
    return await this.read(key)
  }

  /** The entry as stored: no hooks run. */
  async read(key: EntryKey): Promise<LedgerEntry | null> {
    const seq = await this.#find(key)
    if (seq === null) return null
    const entry = await this.reader.one(seq)
    return entry === null ? null : (await this.reader.views([entry], this.audited))[0]!
  }

  /** Throws CURSOR_INVALID or INVALID_PARAMS. */
  async query(filter: QueryFilter = {}): Promise<QueryResult> {
    return await queryLedger(this.#queried(), filter)
  }

  /** For queries over several ledgers: a page from `start` on, and where the next page starts. No hooks run. */
  async page(filter: QueryFilter, start: number | undefined): Promise<{ entries: LedgerEntry[]; next: number | null }> {
    return await queryPage(this.#queried(), filter, start)
  }

  /**
   * Headers of visible entries that match, for another node's query: payloads are read only for entries that are shown.
   */
  async walk(filter: EntryFilter, walked: Walk): Promise<Walked> {
    const { from, to } = walked.span
    return await walk(this.#queried(), filter, { ...walked, span: { from, to: Math.min(to, this.visible) } })
  }

  /**
   * Is the entry stored, and signed by its key? `verifyChain` checks whether that key was in force. Throws NOT_FOUND or
   * STORE_DAMAGED.
   */
  async verifyEntry(key: EntryKey): Promise<boolean> {
    const seq = await this.#find(key)
    const entry = seq === null ? null : await this.reader.one(seq)
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${this.id}`)
    return await verifyEntrySignature(entry, this.context.verify)
  }

  /** Re-reads and checks everything from `from` on; failed checks are reported, not thrown. */
  async verifyChain(span: { from?: number; limit?: number } = {}): Promise<ChainReport> {
    return await verifyChain(
      {
        id: this.id,
        reader: this.reader,
        store: this.context.store,
        verify: this.context.verify,
        size: this.size,
        headHash: this.headHash
      },
      span
    )
  }

  /** Genesis and rotations below `upToSeq` (default: all visible), for receivers that hold no entry of the ledger. */
  async keyEntries(upToSeq = this.visible): Promise<SignedHeader[]> {
    return (await this.#keyEntries(upToSeq)).map(({ raw: { header, signature } }) => ({ header, signature }))
  }

  /** The linked chain as the judge of evidence sees it: disputed entries included. Null: nothing is held. */
  async heldChain(): Promise<HeldChain | null> {
    const { size } = this
    return size === 0 ? null : { keys: (await this.#keyEntries(size)).map(keyEpoch), size }
  }

  async #keyEntries(upToSeq: number): Promise<Entry[]> {
    const keys = await this.context.store.keys(seqRange('keyEntry', this.ledgerNumber, 0, Math.min(upToSeq, this.size)))
    return (await this.reader.many(keys.map(seqOf))).filter((entry) => entry !== null)
  }

  /** Seqs of payloads that are wanted and not held, lowest first. */
  async missingPayloads(limit: number, from = 0): Promise<number[]> {
    const range = { ...ledgerRange('missing', this.ledgerNumber), gte: seqKey('missing', this.ledgerNumber, from) }
    return (await this.context.store.keys({ ...range, limit })).map(seqOf)
  }

  /** The Merkle root over the first `size` entries. Throws NOT_FOUND beyond what is visible, STORE_DAMAGED. */
  async rootAt(size: number): Promise<Hash> {
    return await rootFrom(this.#nodes(size), size)
  }

  /** RFC 6962 audit path. Throws NOT_FOUND, BAD_PROOF. */
  async inclusionProof(seq: number, size: number): Promise<Hash[]> {
    return await proveInclusion(this.#nodes(size), seq, size)
  }

  /** One proof for all of these entries, ascending. Throws NOT_FOUND, BAD_PROOF. */
  async multiproof(seqs: readonly number[], size: number): Promise<Hash[]> {
    return await proveLeaves(this.#nodes(size), seqs, size)
  }

  /** RFC 6962 consistency proof. Throws NOT_FOUND, BAD_PROOF. */
  async consistencyProof(size1: number, size2: number): Promise<Hash[]> {
    return await proveConsistency(this.#nodes(size2), size1, size2)
  }

  /** Disputed entries included. */
  storedNodes(): Nodes {
    return treeNodes(this.tree, this.reader, this.size)
  }

  /**
   * The evidence that is shown to others first: what froze the ledger, else what a key retired since has signed. Null:
   * none.
   */
  async evidence(): Promise<Uint8Array | null> {
    const id = this.#shownEvidence
    return id === null ? null : await this.#readEvidence(id)
  }

  get #shownEvidence(): string | null {
    return this.frozen?.evidence ?? this.standing.shown
  }

  async #readEvidence(id: string): Promise<Uint8Array | null> {
    const bytes = await this.context.store.get(evidenceKey(this.ledgerNumber, id.slice(0, EVIDENCE_ID_DIGITS)))
    return bytes !== undefined && evidenceId(bytes).startsWith(id) ? bytes : null
  }

  /** All kept evidence. Damaged evidence is left out here and above: fsck reports it. */
  async allEvidence(): Promise<Uint8Array[]> {
    const rows = await this.context.store.all(ledgerRange('evidence', this.ledgerNumber))
    return rows
      .filter(([key, bytes]) =>
        key.equals(evidenceKey(this.ledgerNumber, evidenceId(bytes).slice(0, EVIDENCE_ID_DIGITS)))
      )
      .map(([, bytes]) => bytes)
  }

  /** The chain before entry `size`; null for 0. Throws STORE_DAMAGED. */
  async chainAt(size: number): Promise<ChainState | null> {
    return await chainAt(this.context.store, this.id, this.reader, size)
  }

  /** Voided entries. */
  async voided(): Promise<VoidedRange[]> {
    return await voidedRanges(this.context.store, this.ledgerNumber)
  }

  async voidedEntries(offset: number, limit: number): Promise<VoidedEntry[]> {
    return await voidedEntries(this.context.store, this.ledgerNumber, offset, limit)
  }

  /** The voided entry with this hash; null: none. Throws STORE_DAMAGED. */
  async voidedEntry(hash: Hash): Promise<Entry | null> {
    return await voidedEntry(this.context.store, this.ledgerNumber, hash)
  }

  /** Disputed entries included, for statements that remove rights (R6). */
  async pageOfAll(
    filter: QueryFilter,
    start: number | undefined
  ): Promise<{ entries: LedgerEntry[]; next: number | null }> {
    return await queryPage(this.#queried(this.size), filter, start)
  }

  #queried(size = this.visible): Queried {
    return { id: this.id, reader: this.reader, tree: this.tree, store: this.context.store, size, audited: this.audited }
  }

  #nodes(size: number): Nodes {
    if (!Number.isSafeInteger(size) || size < 0 || size > this.visible)
      throw new LedgermeshError('NOT_FOUND', `${this.id} has ${this.visible} entries here, not ${size}`)
    return treeNodes(this.tree, this.reader, size)
  }

  async #find(key: EntryKey): Promise<number | null> {
    if ('seq' in key) return this.#isVisible(key.seq) ? key.seq : null
    return 'id' in key
      ? await this.reader.seqOfId(key.id, this.visible)
      : await this.reader.seqOfHash(key.hash, this.visible)
  }

  #isVisible(seq: number): boolean {
    return Number.isSafeInteger(seq) && seq >= 0 && seq < this.visible
  }
}
