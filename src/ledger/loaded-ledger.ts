/** What is in memory of one ledger on disk: its size, its head, who may read it, and what was decided about it. */
import { noAccess, type AccessRules } from '../core/access.js'
import type { ChainState } from '../core/chain.js'
import type { Entry, SignedHeader } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { ledgerKey, ledgerRange } from '../store/keys.js'
import { foldAccess } from './read/access-rules.js'
import { EntryReader } from './read/entry-reader.js'
import type { LedgerState } from './read/records.js'
import { NO_STANDING, readStanding, type StandingRow } from './read/standing-row.js'
import type { LedgerContext } from './write/context.js'

export interface Head extends SignedHeader {
  seq: number
  hash: Hash
}

export class LoadedLedger {
  readonly id: LedgerId
  readonly own: boolean
  protected readonly context: LedgerContext
  readonly ledgerNumber: number
  readonly reader: EntryReader
  protected state: LedgerState | null
  /** The decisions about the evidence against it. */
  standing: StandingRow = NO_STANDING
  /** The stored genesis and rotations. */
  protected keyCount = 0
  /** How often entries were removed or voided: state derived from them has to be computed again. */
  cuts = 0
  protected note: string | null = null
  #head: Head | null = null
  protected rules: AccessRules = noAccess()

  constructor(context: LedgerContext, id: LedgerId, row: { n: number; own: boolean }, state: LedgerState | null) {
    this.context = context
    this.id = id
    this.own = row.own
    this.ledgerNumber = row.n
    this.state = state
    this.reader = new EntryReader(context.store, context.log, row.n, row.own)
  }

  /** Stored entries, disputed ones included. */
  get size(): number {
    return this.state?.chain.size ?? 0
  }

  /** The number of entries that are served and shown: all, or those below the evidence (I4). */
  get visible(): number {
    return Math.min(this.size, this.state?.frozen?.size ?? this.size)
  }

  /**
   * The number of entries that grants and trust may be read from: the visible ones, or those below a freeze that only
   * the operator may end (R1).
   */
  get believed(): number {
    return Math.min(this.visible, this.standing.facts.doubtedFrom ?? this.visible)
  }

  /** The number of entries that count in conflicts: audited one by one, and believed. */
  get counted(): number {
    return Math.min(this.audited, this.believed)
  }

  /** Hash of the newest stored entry. */
  get headHash(): Hash | null {
    return this.state?.chain.headHash ?? null
  }

  get chain(): ChainState | null {
    return this.state?.chain ?? null
  }

  /** Entries, from 0, whose own signatures were checked. */
  get audited(): number {
    return this.state?.audited ?? 0
  }

  get frozen(): LedgerState['frozen'] {
    return this.state?.frozen ?? null
  }

  /** Size below the lowest evidence; null: no evidence. */
  get frozenAt(): number | null {
    return this.frozen?.size ?? null
  }

  /**
   * Who may read it, by its own visible entries; kept in memory, so that a look-up costs the same for every ledger.
   * Always empty for a public ledger.
   */
  get access(): AccessRules {
    return this.rules
  }

  /** The newest visible entry. */
  head(): Head | null {
    return this.#head
  }

  protected setHead(entry: Entry | null): void {
    this.#head =
      entry === null
        ? null
        : { seq: entry.header.seq, hash: entry.hash, header: entry.raw.header, signature: entry.raw.signature }
  }

  /** To be called with the entries of each commit. */
  protected noteAccess(entries: Entry[]): void {
    if (this.chain?.access === 'private')
      foldAccess(
        this.rules,
        entries.map(({ header }) => header),
        this.believed
      )
  }

  /** The newest checkpoint note, own or received; null: none. */
  checkpoint(): string | null {
    return this.note
  }

  /**
   * Reads head, checkpoint and decisions from the disk. A damaged head is logged and becomes null, so that one ledger
   * does not stop the others.
   */
  async load(): Promise<void> {
    this.note = (await this.context.store.get(ledgerKey('checkpoint', this.ledgerNumber)))?.toString() ?? null
    this.keyCount = (await this.context.store.keys(ledgerRange('keyEntry', this.ledgerNumber))).length
    this.standing = await readStanding(this.context, this.id, this.ledgerNumber)
    this.setHead(this.visible === 0 ? null : await this.#readHead())
  }

  async #readHead(): Promise<Entry | null> {
    try {
      return await this.reader.one(this.visible - 1)
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      this.context.log.error(
        { event: 'ledger.head-damaged', error, ledger: this.id },
        'the newest stored entry is damaged'
      )
      return null
    }
  }
}
