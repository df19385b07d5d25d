/**
 * Adopts the entries that the follows want adopted: one group of copies at a time, sources in turn, and erasures before
 * anything else. sync/adopt decides what to do.
 */
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Listeners } from '../../core/listeners.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { ADOPT_PER_SECOND, FAILED_MS } from '../../sync/adopt/limits.js'
import type { EntryOutcome, Outcome } from '../../sync/adopt/types.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Follows } from '../replication/follows.js'
import type { SyncRuntime } from '../replication/sync-runtime.js'
import { pause } from '../runtime/pause.js'
import { AdoptedSource, type AdoptedSourceInit, type AdoptState } from './adopted-source.js'

export interface AdopterInit extends AdoptedSourceInit {
  ledgers: Ledgers
  follows: Follows
  /** Signals when a source is synced, or when a reason that holds it back may have changed. */
  runtime: Pick<SyncRuntime, 'status' | 'onChange'>
  events: Pick<NetworkEvents, 'subscribe'>
}

export class Adopter {
  readonly #init: AdopterInit
  readonly #sources = new Map<LedgerId, AdoptedSource>()
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
  #group: Promise<number> | null = null
  #hasRoom: (source: LedgerId) => Promise<boolean> = async () => await Promise.resolve(true)

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
      if (own || this.#sources.has(id)) this.wake()
    }
    const followed = (): void => {
      this.#followed = true
      this.wake()
    }
    this.#ends.push(
      follows.onChange(followed),
      ledgers.on('removed', followed),
      ledgers.on('stored', (ledger) => {
        this.#sources.get(ledger.id)?.stored()
        look(ledger)
      }),
      ledgers.on('audited', look),
      ledgers.on('frozen', (ledger) => {
        this.#sources.get(ledger.id)?.frozen()
        look(ledger)
      }),
      runtime.onChange(() => {
        if (this.#sources.size > 0) this.wake()
      }),
      events.subscribe(['signer'], () => {
        this.wake()
      }),
      ledgers.on('filled', ({ id }, { seq }) => {
        const source = this.#sources.get(id)
        if (source === undefined) return
        source.filled(seq)
        this.wake()
      }),
      ledgers.on('cut', ({ id, own }, { size }) => {
        // The own ledger may have lost copies: all sources are processed again.
        if (own) for (const source of this.#sources.keys()) this.#cuts.push({ ledger: source, size: -1 })
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

  /**
   * Asked before each group: resolves when all outcomes before are noted; false: no more refusals can be. Otherwise a
   * source of nothing but refusals, which are not paced as copies are, would be faster than their notes.
   */
  heed(hasRoom: (source: LedgerId) => Promise<boolean>): void {
    this.#hasRoom = hasRoom
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
    this.#sources.get(source)?.forgetState()
    this.wake()
  }

  /** Everything decided before the call is done when it resolves. */
  async groupDone(): Promise<void> {
    await this.#group
  }

  /** The present outcome of entries from ≤ seq < to; null: not known. */
  async outcomesOf(source: LedgerId, from: number, to: number): Promise<(Outcome | null)[]> {
    const outcomes = await this.#sources.get(source)?.outcomesOf(from, to)
    return outcomes ?? Array.from({ length: to - from }, () => null)
  }

  /** null: not started yet. */
  stateOf(source: LedgerId): AdoptState | null {
    return this.#sources.get(source)?.state ?? null
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
      for (const [id, { ledger }] of this.#sources)
        if (!follows.has(id) || ledgers.get(id) !== ledger) this.#sources.delete(id)
      for (const id of follows.list()) {
        const ledger = ledgers.get(id)
        if (ledger === undefined || (follows.get(id)!.adopt === undefined && book.get(id) === null)) continue
        if (!this.#sources.has(id)) await this.#open(ledger)
      }
    }
    for (const source of this.#sources.values()) await source.applySettings()
    for (const { ledger, size } of this.#cuts.splice(0)) {
      const source = this.#sources.get(ledger)
      if (size >= 0) await source?.cut(size)
      else await source?.rescan()
    }
  }

  async #open(ledger: Ledger): Promise<void> {
    const source = await AdoptedSource.open(ledger, this.#init, {
      onOutcome: (outcome) => {
        this.#outcomes.emit(outcome)
      },
      onErased: (copies, ms) => {
        this.#erased.emit(copies, ms)
      }
    })
    this.#sources.set(ledger.id, source)
  }

  /** Copies one group of each source that may continue. False: nothing was left to do. */
  async #turn(): Promise<boolean> {
    const sources = [...this.#sources.values()]
    let busy = false
    let next = Infinity
    for (const source of sources) {
      if (this.#stopping.signal.aborted || this.#cuts.length > 0) return false
      for (const each of sources) busy = (await each.followErasures()) || busy
      const verdict = source.verdict(await this.#hasRoom(source.id))
      if (verdict.go && source.retryAt === null) {
        await this.#adopt(source, verdict)
        busy = true
      } else if (!verdict.go) {
        // Erased payloads still exist in copies: removing them comes first.
        if (!source.behindErasures) source.stands(verdict.code, verdict.next)
        next = Math.min(next, verdict.next ?? Infinity)
      }
      next = Math.min(next, source.retryAt ?? Infinity)
    }
    if (!busy && next < Infinity) this.#wakeAt(next)
    return busy
  }

  async #adopt(source: AdoptedSource, verdict: Parameters<AdoptedSource['adopt']>[0]): Promise<void> {
    const { clock } = this.#init
    const began = clock.now()
    const group = source.adopt(verdict)
    this.#group = group
    const done = await group
    const pauseMs = began + (done * 1_000) / ADOPT_PER_SECOND - clock.now()
    if (pauseMs > 0) await pause(clock, pauseMs, this.#stopping.signal)
  }

  #wakeAt(time: number): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#init.clock.after(Math.max(time - this.#init.clock.now(), 1), () => {
      this.wake()
    })
  }

  /** Would a caller's entry with this id prevent a copy? */
  async #isHeldOriginal(id: string): Promise<boolean> {
    for (const { ledger, settings } of this.#sources.values())
      if (settings !== undefined && (await ledger.reader.seqOfHash(id, ledger.size)) !== null) return true
    return false
  }
}
