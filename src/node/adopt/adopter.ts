/**
 * Adopts the entries that the follows want adopted: one group of copies at a time, sources in turn, and erasures before
 * anything else. sync/adopt decides what to do.
 */
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Listeners } from '../../core/listeners.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Load } from '../../network/load-monitor.js'
import type { Clock, Log } from '../../ports.js'
import { Adoption } from '../../sync/adopt/adoption.js'
import { decideAdoption, ownCode, type AdoptVerdict, type OwnSigner } from '../../sync/adopt/decide.js'
import { ADOPT_PER_SECOND, FAILED_MS } from '../../sync/adopt/limits.js'
import { areReadersWithin } from '../../sync/adopt/readers.js'
import { newRow } from '../../sync/adopt/tally.js'
import type { AdoptCode, AdoptSettings, EntryOutcome, Outcome } from '../../sync/adopt/types.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { FollowRule } from '../replication/follow-rule.js'
import type { Follows } from '../replication/follows.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'
import type { StoredAdoptions } from './adoption-book.js'
import { HeldSource } from './held-source.js'
import { OwnCopies } from './own-copies.js'

export interface AdopterInit {
  ledgers: Ledgers
  book: StoredAdoptions
  follows: Follows
  rule: Pick<FollowRule, 'heldBack'>
  load: Load
  /** Signals when a source is synced, or when a reason that holds it back may have changed. */
  runtime: Pick<SyncRuntime, 'status' | 'onChange'>
  events: Pick<NetworkEvents, 'subscribe'>
  clock: Clock
  log: Log
}

/** Why adoption of a source stands still; `code` null: all its entries are processed. Times: ms since the epoch. */
export interface AdoptState {
  code: AdoptCode | null
  since: number
  next: number | null
}

interface Running {
  adoption: Adoption
  ledger: Ledger
  state: AdoptState | null
  /** Since when there are entries that were not searched for erasures, ms since the epoch; null: there are none. */
  behindSince: number | null
  /** Time of the next try after a failure. */
  notBefore: number
}

export class Adopter {
  readonly #init: AdopterInit
  readonly #running = new Map<LedgerId, Running>()
  /** Changes of the ledgers since the last run of the loop; `size` -1: the whole ledger is processed again. */
  #cuts: { ledger: LedgerId; size: number }[] = []
  readonly #outcomes: Listeners<[EntryOutcome]>
  readonly #erased: Listeners<[copies: number, ms: number]>
  readonly #changes: Listeners<[]>
  readonly #ends: (() => void)[] = []
  readonly #stopping = new AbortController()
  #loop: Promise<void> | null = null
  #again = false
  /** Follow settings changed since the last run of the loop. */
  #followed = true
  #cancelTimer: () => void = () => {}
  #group: Promise<void> | null = null

  constructor(init: AdopterInit) {
    this.#init = init
    const failed = (error: unknown): void => {
      init.log.error(
        { event: 'adopt.listener-failed', error: (error as Error).message },
        'a listener for adoption failed'
      )
    }
    this.#outcomes = new Listeners(failed)
    this.#erased = new Listeners(failed)
    this.#changes = new Listeners(failed)
  }

  start(): void {
    const { ledgers, follows, runtime, events } = this.#init
    const look = ({ id, own }: Ledger): void => {
      if (own || this.#running.has(id)) this.wake()
    }
    const followed = (): void => {
      this.#followed = true
      this.wake()
    }
    this.#ends.push(
      follows.onChange(followed),
      ledgers.on('removed', followed),
      ledgers.on('stored', (ledger) => {
        const running = this.#running.get(ledger.id)
        if (running !== undefined) running.behindSince ??= this.#init.clock.now()
        look(ledger)
      }),
      ledgers.on('audited', look),
      ledgers.on('frozen', (ledger) => {
        this.#running.get(ledger.id)?.adoption.lookAgain()
        look(ledger)
      }),
      runtime.onChange(() => {
        if (this.#running.size > 0) this.wake()
      }),
      events.subscribe(['signer'], () => {
        this.wake()
      }),
      ledgers.on('filled', ({ id }, { seq }) => {
        const running = this.#running.get(id)
        if (running === undefined) return
        running.adoption.arrived(seq)
        this.wake()
      }),
      ledgers.on('cut', ({ id, own }, { size }) => {
        // The own ledger may have lost copies: all sources are processed again.
        if (own) for (const source of this.#running.keys()) this.#cuts.push({ ledger: source, size: -1 })
        else this.#cuts.push({ ledger: id, size })
        this.wake()
      })
    )
    ledgers.own.reserveIds(async (id) => await this.#isHeldOriginal(id))
    this.wake()
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.#stopping.abort()
    this.#cancelTimer()
    await this.#loop
  }

  /** Runs the loop because something may have changed. */
  wake(): void {
    if (this.#stopping.signal.aborted) return
    this.#again = true
    this.#loop ??= this.#run().finally(() => {
      this.#loop = null
    })
  }

  /** Called with the outcome of each processed entry; again when it is processed again. */
  onOutcome(listener: (outcome: EntryOutcome) => void): () => void {
    return this.#outcomes.add(listener)
  }

  /** Called when copies were erased, with the ms since the erasure of their originals was stored. */
  onErased(listener: (copies: number, ms: number) => void): () => void {
    return this.#erased.add(listener)
  }

  /** Called after each step, or when adoption stands still; the returned function removes the listener. */
  onChange(listener: () => void): () => void {
    return this.#changes.add(listener)
  }

  /** Processes the whole source again: refused entries may be accepted now. */
  again(source: LedgerId): void {
    this.#cuts.push({ ledger: source, size: -1 })
    this.wake()
  }

  /** Has the source checked again; its state is reported when that is done. */
  look(source: LedgerId): void {
    const running = this.#running.get(source)
    if (running !== undefined) running.state = null
    this.wake()
  }

  /** Everything decided before the call is done when it resolves. */
  async groupDone(): Promise<void> {
    await this.#group
  }

  /** The present outcome of entries from ≤ seq < to; null: not known. */
  async outcomesOf(source: LedgerId, from: number, to: number): Promise<(Outcome | null)[]> {
    const running = this.#running.get(source)
    const follow = this.#init.follows.get(source)
    if (running === undefined || follow?.adopt === undefined) return Array.from({ length: to - from }, () => null)
    return await running.adoption.outcomesOf(from, to, { filters: follow.adopt.filters, followed: follow.filters })
  }

  /** null: not started yet. */
  stateOf(source: LedgerId): AdoptState | null {
    return this.#running.get(source)?.state ?? null
  }

  async #run(): Promise<void> {
    const { log, ledgers } = this.#init
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false
      try {
        await this.#prepare()
        while (await this.#turn());
      } catch (error) {
        if (isCoded(error, 'CLOSED') || ledgers.own.signer === 'failed') return
        log.error({ event: 'adopt.failed', error }, 'adoption has failed; it is tried again')
        this.#followed = true
        this.#wakeAt(this.#init.clock.now() + FAILED_MS)
      }
      this.#changes.emit()
    }
  }

  /** Applies changes: sources followed or unfollowed, and cuts. */
  async #prepare(): Promise<void> {
    const { ledgers, follows, book } = this.#init
    if (this.#followed) {
      this.#followed = false
      for (const [id, { ledger }] of this.#running)
        if (!follows.has(id) || ledgers.get(id) !== ledger) this.#running.delete(id)
      for (const id of follows.list()) {
        const ledger = ledgers.get(id)
        if (ledger === undefined || (follows.get(id)!.adopt === undefined && book.get(id) === null)) continue
        if (!this.#running.has(id)) await this.#open(ledger)
      }
    }
    for (const running of this.#running.values()) {
      const settings = follows.get(running.ledger.id)?.adopt
      if (settings !== undefined) await this.#begin(running, settings)
    }
    for (const { ledger, size } of this.#cuts.splice(0)) {
      const adoption = this.#running.get(ledger)?.adoption
      if (size >= 0) await adoption?.cut(size)
      else await adoption?.rescan()
    }
  }

  async #open(ledger: Ledger): Promise<void> {
    const { ledgers, book, clock } = this.#init
    const adoption = new Adoption({
      source: new HeldSource(ledger),
      copies: new OwnCopies(ledgers.own),
      book,
      row: book.get(ledger.id) ?? newRow(null, ''),
      now: () => clock.now(),
      onOutcome: (outcome) => {
        this.#outcomes.emit(outcome)
      },
      onErased: (copies) => {
        const now = clock.now()
        this.#erased.emit(copies, now - (this.#running.get(ledger.id)?.behindSince ?? now))
      }
    })
    await adoption.open()
    this.#running.set(ledger.id, { adoption, ledger, state: null, behindSince: clock.now(), notBefore: 0 })
  }

  /** The seq to begin at and the entries wanted: if the settings have changed, everything is processed again. */
  async #begin({ adoption, ledger }: Running, settings: AdoptSettings): Promise<void> {
    const wanted = JSON.stringify([settings.filters, settings.from, this.#init.follows.get(ledger.id)!.filters])
    if (adoption.row.wanted === wanted) return
    const start =
      settings.from !== 'now'
        ? settings.from
        : this.#init.runtime.status(ledger).status === 'synced'
          ? ledger.size
          : null
    if (start !== null) await adoption.rescan(start, wanted)
  }

  /** Copies one group of each source that may continue. False: nothing was left to do. */
  async #turn(): Promise<boolean> {
    const { clock } = this.#init
    const sources = [...this.#running.values()]
    let busy = false
    let next = Infinity
    for (const running of sources) {
      if (this.#stopping.signal.aborted || this.#cuts.length > 0) return false
      busy = (await this.#followErasures(sources)) || busy
      const verdict = this.#verdictOn(running)
      if (verdict.go && running.notBefore <= clock.now()) busy = (await this.#adopt(running, verdict)) || busy
      else if (!verdict.go) {
        // Erased payloads still exist in copies: removing them comes first.
        if (!running.adoption.behindErasures) this.#stands(running, verdict.code, verdict.next)
        next = Math.min(next, verdict.next ?? Infinity)
      }
      if (running.notBefore > clock.now()) next = Math.min(next, running.notBefore)
    }
    if (!busy && next < Infinity) this.#wakeAt(next)
    return busy
  }

  /** Applies erasures. True: there were some. The reasons that hold a source back do not hold erasures back. */
  async #followErasures(sources: readonly Running[]): Promise<boolean> {
    let busy = false
    const code = ownCode(this.#signer())
    for (const running of sources) {
      if (!running.adoption.behindErasures || running.notBefore > this.#init.clock.now()) continue
      if (code !== null) {
        this.#stands(running, code, null)
        continue
      }
      busy = true
      await this.#guarded(running, async () => {
        await running.adoption.followErasures()
        if (!running.adoption.behindErasures) running.behindSince = null
      })
    }
    return busy
  }

  #verdictOn({ adoption, ledger }: Running): AdoptVerdict {
    const { ledgers, follows, rule, load, clock } = this.#init
    const { own } = ledgers
    const settings = follows.get(ledger.id)?.adopt
    // The source is no longer adopted; its erasures are still followed.
    if (settings === undefined) return { go: false, code: null, next: null }
    return decideAdoption({
      blockedBy: rule.heldBack(ledger.id),
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
      areReadersIn: settings.acceptReaders || areReadersWithin(own.access, ledger.access, ledger.id),
      busy: load.level !== 'normal',
      at: adoption.row.start === null ? null : adoption.row.adopted.at,
      late: adoption.late,
      day: adoption.row.day,
      now: clock.now()
    })
  }

  #signer(): OwnSigner {
    const { own } = this.#init.ledgers
    return own.signer === 'ready' && own.signingKey === null ? 'read-only' : own.signer
  }

  async #adopt(running: Running, { to, room }: Extract<AdoptVerdict, { go: true }>): Promise<boolean> {
    const { follows, clock } = this.#init
    const { adoption, ledger } = running
    const { filters: followed, adopt } = follows.get(ledger.id)!
    running.state = null
    const began = clock.now()
    let done = 0
    this.#group = this.#guarded(running, async () => {
      const step = await adoption.adopt(to, { filters: adopt!.filters, followed }, room)
      done = step.done
      if (step.stopped !== null) throw step.stopped
    })
    await this.#group
    const pause = began + (done * 1_000) / ADOPT_PER_SECOND - clock.now()
    if (pause > 0) await this.#sleep(pause)
    return true
  }

  /** An error with one source does not hold the others back. Throws CLOSED, and the errors of a failed store. */
  async #guarded(running: Running, run: () => Promise<void>): Promise<void> {
    const { clock, log, ledgers } = this.#init
    try {
      await run()
    } catch (error) {
      if (isCoded(error, 'CLOSED') || ledgers.own.signer === 'failed') throw error
      running.notBefore = clock.now() + FAILED_MS
      running.adoption.lookAgain()
      this.#stands(running, 'OWN_FAILED', running.notBefore)
      log.warn(
        { event: 'adopt.source-failed', ledger: running.ledger.id, error: (error as Error).message },
        'copies of a ledger could not be written; it is tried again'
      )
    }
  }

  #stands(running: Running, code: AdoptCode | null, next: number | null): void {
    const { state } = running
    running.state = { code, next, since: state?.code === code ? state.since : this.#init.clock.now() }
  }

  #wakeAt(time: number): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#init.clock.after(Math.max(time - this.#init.clock.now(), 1), () => {
      this.wake()
    })
  }

  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#init.clock.after(ms, resolve)
    const stop = (): void => {
      resolve()
    }
    this.#stopping.signal.addEventListener('abort', stop)
    await promise
    cancel()
    this.#stopping.signal.removeEventListener('abort', stop)
  }

  /** Would a caller's entry with this id prevent a copy? */
  async #isHeldOriginal(id: string): Promise<boolean> {
    for (const { ledger } of this.#running.values())
      if (
        this.#init.follows.get(ledger.id)?.adopt !== undefined &&
        (await ledger.reader.seqOfHash(id, ledger.size)) !== null
      )
        return true
    return false
  }
}
