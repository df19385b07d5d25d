/** A ledger on disk with one writer at a time, and the data stored beside its entries. */
import { Mutex } from '../core/mutex.js'
import type { JsonObject } from '../core/canonical.js'
import { LedgermeshError } from '../core/errors.js'
import { ledgerKey } from '../store/keys.js'
import type { Op } from '../store/store.js'
import type { FeedFact } from '../store/feed-rows.js'
import type { Recorded } from './feed/arrivals.js'
import { fact, factsBetween, shownOf, type Cut } from './feed/facts.js'
import { LedgerReader } from './ledger-reader.js'
import { encodeJson, parseObject, type LedgerState } from './read/records.js'
import type { Allowance } from './write/allowance.js'
import type { LedgerEvent } from './write/ledger-event.js'

export class OneWriter extends LedgerReader {
  /** The size limit of a ledger that came by push; null: no limit. */
  allowance: Allowance | null = null
  readonly #writing = new Mutex()
  /** Bytes that were written and may not have been synced. */
  protected unsynced = 0
  #removed = false
  /** Everything that a database has at its open is in tables, and those are synced. */
  #certain = this.size

  /** One writer at a time, in the order of the calls. */
  protected async exclusive<T>(run: () => Promise<T>): Promise<T> {
    return await this.#writing.run(async () => {
      if (this.#removed) throw new LedgermeshError('NOT_FOUND', `${this.id} is no longer held`)
      return await run()
    })
  }

  protected stateOp(state: LedgerState): Op {
    return { type: 'put', key: ledgerKey('state', this.ledgerNumber), value: encodeJson(state) }
  }

  /**
   * Rows of the feed for the batch that makes `next` the state, to be taken just before that batch is written. `more`:
   * what else it changes.
   */
  protected arrived(
    next: LedgerState | null,
    sync: boolean,
    { cut = null, more = [] }: { cut?: Cut | null; more?: readonly FeedFact[] } = {}
  ): Recorded {
    const { arrivals } = this.context
    return arrivals.record(
      {
        id: this.id,
        ledgerNumber: this.ledgerNumber,
        isPrivate: (next ?? this.state)?.chain.access !== 'public',
        head: next?.chain.headHash ?? ''
      },
      [...factsBetween(shownOf(this.state), shownOf(next), cut), ...more],
      sync
    )
  }

  /**
   * Notes that every signature below `size` was checked individually. `cuts`: the ledger's `cuts` when the check began;
   * if entries were removed or voided since, nothing is noted, because their replacements were not checked.
   */
  async setAudited(size: number, cuts = this.cuts): Promise<void> {
    await this.exclusive(async () => {
      if (cuts !== this.cuts) return
      if (this.state === null || size > this.size || size < 0)
        throw new LedgermeshError('INTERNAL', `cannot have audited ${size} of ${this.size} entries`)
      const state = { ...this.state, audited: size }
      const arrived = this.arrived(state, false)
      await this.context.store.write(
        [
          this.stateOp(state),
          ...this.context.conflicts.recheckOps(this.ledgerNumber, size < this.audited ? [size] : []),
          ...arrived.ops
        ],
        { sync: false }
      )
      this.state = state
      arrived.shown()
      this.emit({ type: 'audited' })
    })
  }

  /**
   * The number of entries, from 0, that are certainly synced (S6): those stored at the open, and at the last flush. The
   * row may name more, without certainty: where LevelDB began another log, a part of the older one may not be synced
   * yet.
   */
  get durable(): number {
    return Math.min(this.#certain, this.size)
  }

  /** Bytes taken in since the ledger has an allowance. */
  get taken(): number {
    return this.state?.taken ?? 0
  }

  /** Everything stored of the ledger is synced when it resolves. */
  async flush(): Promise<void> {
    const { size, cuts } = this
    if (this.durable >= size) return
    await this.context.store.flush()
    await this.exclusive(async () => {
      // Entries were voided meanwhile: others have replaced them.
      if (this.state === null || cuts !== this.cuts) return
      this.#certain = Math.max(this.#certain, size)
      if (this.state.durable >= size) return
      const state = { ...this.state, durable: size }
      await this.context.store.write([this.stateOp(state)], { sync: false })
      this.state = state
    })
  }

  /** Entries from `size` on are no longer the same ones. */
  protected gaveWay(size: number): void {
    this.#certain = Math.min(this.#certain, size)
  }

  /** Stores a received checkpoint that the caller has verified. */
  async putCheckpoint(note: string): Promise<void> {
    await this.context.store.write(
      [{ type: 'put', key: ledgerKey('checkpoint', this.ledgerNumber), value: Buffer.from(note) }],
      {
        sync: false
      }
    )
    this.note = note
  }

  /** The follow settings, which the caller interprets. null: no settings. Throws STORE_DAMAGED. */
  async followSettings(): Promise<JsonObject | null> {
    const value = await this.context.store.get(ledgerKey('follow', this.ledgerNumber))
    return value === undefined ? null : parseObject(value, 'follow settings')
  }

  /** Stores the follow settings; durable when it resolves; null removes them. */
  async setFollowSettings(settings: JsonObject | null): Promise<void> {
    const key = ledgerKey('follow', this.ledgerNumber)
    await this.context.store.write(
      [settings === null ? { type: 'del', key } : { type: 'put', key, value: Buffer.from(JSON.stringify(settings)) }],
      { sync: true }
    )
  }

  protected emit(event: LedgerEvent): void {
    this.context.emit(this.id, event)
  }

  /** Refuses all further writes. Rows of the feed for the batch that removes it. */
  async retire(): Promise<Recorded> {
    await this.exclusive(() => Promise.resolve())
    this.#removed = true
    return this.arrived(this.state, true, { more: [fact('removed', 0, this.id)] })
  }

  /** Resolves when no write is running. */
  async idle(): Promise<void> {
    await this.#writing.idle()
  }
}
