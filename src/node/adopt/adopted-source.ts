/** One ledger that is adopted: its adoption, why it stands still, and what an error with it means. */
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Load } from '../../network/load-monitor.js'
import type { Clock, Log } from '../../ports.js'
import { Adoption } from '../../sync/adopt/adoption.js'
import { decideAdoption, ownCode, type AdoptVerdict, type OwnSigner } from '../../sync/adopt/decide.js'
import { FAILED_MS } from '../../sync/adopt/limits.js'
import { areReadersWithin } from '../../sync/adopt/readers.js'
import { newRow } from '../../sync/adopt/tally.js'
import type { AdoptCode, AdoptSettings, EntryOutcome, Outcome } from '../../sync/adopt/types.js'
import type { FollowRule } from '../replication/follow-rule.js'
import type { Follows } from '../replication/follows.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'
import type { StoredAdoptions } from './adoption-book.js'
import { HeldSource } from './held-source.js'
import { OwnCopies } from './own-copies.js'

export interface AdoptedSourceInit {
  ledgers: Pick<Ledgers, 'own'>
  book: StoredAdoptions
  follows: Pick<Follows, 'get'>
  rule: Pick<FollowRule, 'heldBack'>
  load: Load
  runtime: Pick<SyncRuntime, 'status'>
  clock: Clock
  log: Log
}

interface AdoptedSourceHandlers {
  onOutcome: (outcome: EntryOutcome) => void
  /** With the ms since the erasure of the originals was stored. */
  onErased: (copies: number, ms: number) => void
}

/** Why adoption of a source stands still; `code` null: all its entries are processed. Times: ms since the epoch. */
export interface AdoptState {
  code: AdoptCode | null
  since: number
  next: number | null
}

export class AdoptedSource {
  readonly ledger: Ledger
  readonly #init: AdoptedSourceInit
  readonly #adoption: Adoption
  #state: AdoptState | null = null
  /** Since when there are entries that were not searched for erasures, ms since the epoch; null: there are none. */
  #behindSince: number | null
  /** Time of the next try after a failure. */
  #notBefore = 0

  private constructor(ledger: Ledger, init: AdoptedSourceInit, { onOutcome, onErased }: AdoptedSourceHandlers) {
    const { ledgers, book, clock } = init
    this.ledger = ledger
    this.#init = init
    this.#behindSince = clock.now()
    this.#adoption = new Adoption({
      source: new HeldSource(ledger),
      copies: new OwnCopies(ledgers.own),
      book,
      row: book.get(ledger.id) ?? newRow(null, ''),
      now: () => clock.now(),
      onOutcome,
      onErased: (copies) => {
        const now = clock.now()
        onErased(copies, now - (this.#behindSince ?? now))
      }
    })
  }

  static async open(ledger: Ledger, init: AdoptedSourceInit, handlers: AdoptedSourceHandlers): Promise<AdoptedSource> {
    const source = new AdoptedSource(ledger, init, handlers)
    await source.#adoption.open()
    return source
  }

  get id(): LedgerId {
    return this.ledger.id
  }

  /** Undefined: it is no longer adopted, only its erasures are followed. */
  get settings(): AdoptSettings | undefined {
    return this.#init.follows.get(this.id)?.adopt
  }

  /** null: not known yet. */
  get state(): AdoptState | null {
    return this.#state
  }

  get behindErasures(): boolean {
    return this.#adoption.behindErasures
  }

  /** Time of the next try after a failure; null: it may be tried now. */
  get retryAt(): number | null {
    return this.#notBefore > this.#init.clock.now() ? this.#notBefore : null
  }

  /** The state is found out anew. */
  forgetState(): void {
    this.#state = null
  }

  stored(): void {
    this.#behindSince ??= this.#init.clock.now()
  }

  frozen(): void {
    this.#adoption.lookAgain()
  }

  /** A payload that was missing has come. */
  filled(seq: number): void {
    this.#adoption.arrived(seq)
  }

  async cut(size: number): Promise<void> {
    await this.#adoption.cut(size)
  }

  /** Processes the whole source again. */
  async rescan(): Promise<void> {
    await this.#adoption.rescan()
  }

  /** If the settings have changed, everything is processed again, from the seq that they begin at. */
  async applySettings(): Promise<void> {
    const { settings, ledger } = this
    if (settings === undefined) return
    const wanted = JSON.stringify([settings.filters, settings.from, this.#init.follows.get(this.id)!.filters])
    if (this.#adoption.row.wanted === wanted) return
    const start =
      settings.from !== 'now'
        ? settings.from
        : this.#init.runtime.status(ledger).status === 'synced'
          ? ledger.size
          : null
    if (start !== null) await this.#adoption.rescan(start, wanted)
  }

  /** The present outcome of entries from ≤ seq < to; null: not known. */
  async outcomesOf(from: number, to: number): Promise<(Outcome | null)[]> {
    const follow = this.#init.follows.get(this.id)
    if (follow?.adopt === undefined) return Array.from({ length: to - from }, () => null)
    return await this.#adoption.outcomesOf(from, to, { filters: follow.adopt.filters, followed: follow.filters })
  }

  /** Applies erasures. True: there were some. The reasons that hold a source back do not hold erasures back. */
  async followErasures(): Promise<boolean> {
    if (!this.behindErasures || this.retryAt !== null) return false
    const code = ownCode(this.#signer())
    if (code !== null) {
      this.stands(code, null)
      return false
    }
    await this.#guarded(async () => {
      await this.#adoption.followErasures()
      if (!this.behindErasures) this.#behindSince = null
    })
    return true
  }

  /** May its next entries be copied? `hasRoom`: can more refusals of it be noted? */
  verdict(hasRoom: boolean): AdoptVerdict {
    const { ledgers, rule, load, clock } = this.#init
    const { own } = ledgers
    const { settings, ledger } = this
    if (settings === undefined) return { go: false, code: null, next: null }
    const { row, late } = this.#adoption
    return decideAdoption({
      blockedBy: rule.heldBack(this.id),
      own: {
        signer: this.#signer(),
        access: own.chain?.access ?? 'public'
      },
      source: {
        size: ledger.size,
        counted: ledger.counted,
        frozen: ledger.frozenAt !== null,
        access: ledger.chain?.access ?? null
      },
      areReadersIn: settings.acceptReaders || areReadersWithin(own.access, ledger.access, this.id),
      full: !hasRoom,
      busy: load.level !== 'normal',
      at: row.start === null ? null : row.adopted.at,
      late,
      day: row.day,
      now: clock.now()
    })
  }

  /** Copies one group; resolves to the number of entries that were processed. */
  async adopt({ to, room }: Extract<AdoptVerdict, { go: true }>): Promise<number> {
    const { filters: followed, adopt } = this.#init.follows.get(this.id)!
    this.#state = null
    let done = 0
    await this.#guarded(async () => {
      const step = await this.#adoption.adopt(to, { filters: adopt!.filters, followed }, room)
      done = step.done
      if (step.stopped !== null) throw step.stopped
    })
    return done
  }

  stands(code: AdoptCode | null, next: number | null): void {
    const since = this.#state?.code === code ? this.#state.since : this.#init.clock.now()
    this.#state = { code, next, since }
  }

  #signer(): OwnSigner {
    const { own } = this.#init.ledgers
    return own.signer === 'ready' && own.signingKey === null ? 'read-only' : own.signer
  }

  /** An error with one source does not hold the others back. Throws CLOSED, and the errors of a failed store. */
  async #guarded(run: () => Promise<void>): Promise<void> {
    const { clock, log, ledgers } = this.#init
    try {
      await run()
    } catch (error) {
      if (isCoded(error, 'CLOSED') || ledgers.own.signer === 'failed') throw error
      this.#notBefore = clock.now() + FAILED_MS
      this.#adoption.lookAgain()
      this.stands('OWN_FAILED', this.#notBefore)
      log.warn(
        { event: 'adopt.source-failed', ledger: this.id, error: (error as Error).message },
        'copies of a ledger could not be written; it is tried again'
      )
    }
  }
}
