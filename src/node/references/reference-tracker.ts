/**
 * Tracks the status of references of the own ledger (or of all held ones), and checks it again when it may have
 * changed: the target arrived, was audited, froze, was voided, or is no longer held. It runs after the store: no append
 * waits for it (I1), and all of it is derived from the entries (I8). Each run does what has changed, and no more.
 */
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Entry } from '../../core/entry.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { headerReferences } from '../../store/header-references.js'
import { nameRange, seqOf, SEQ_END } from '../../store/keys.js'
import { chunks } from '../../store/chunks.js'
import { decodePosting } from '../../store/posting.js'
import type { ReferencePlace } from '../../store/reference-keys.js'
import type { Store } from '../../store/store.js'
import type { NetworkChange } from '../api/events.js'
import { nextTurn } from '../runtime/next-turn.js'
import { Arrivals } from './arrivals.js'
import { ReferenceBook, type ReferenceChange } from './reference-book.js'
import { nameOf, TrackedReferences, type UnjudgedReference } from './tracked-references.js'

export interface ReferenceTrackerInit {
  store: Store
  ledgers: Ledgers
  clock: Clock
  log: Log
  /** Whose references are tracked: the own ledger's, or those of all held ones. */
  track: 'own' | 'all'
  publish: (change: NetworkChange) => void
}

/** Entries read, and references checked, per step: other work runs in between. */
const CHUNK = 256
const CHUNK_BYTES = 1024 * 1024
/** Interval at which all open references are checked again, ms. */
const REVIEW_MS = 60 * 60_000
/** Entries without references after which the progress is written. */
const FAR = 4096

export class ReferenceTracker {
  readonly book: ReferenceBook
  readonly #init: ReferenceTrackerInit
  readonly #references: TrackedReferences
  readonly #arrivals: Arrivals
  /** Progress of tracked ledgers: entries processed, and how much of that is stored. */
  readonly #looked = new Map<LedgerId, { size: number; stored: number }>()
  /** Tracked ledgers with entries that were not processed yet. */
  readonly #grown = new Set<LedgerId>()
  /** Ledgers of which other entries count than before: all references to them are checked again. */
  readonly #changed = new Set<LedgerId>()
  /** Tracked ledgers that were cut (to a size) or removed, by number. */
  readonly #trims = new Map<number, number>()
  readonly #removed = new Set<number>()
  /** Results found elsewhere that are not written yet: only one run writes, or a reference would be counted twice. */
  readonly #found: ReferenceChange[] = []
  readonly #unsubscribe: (() => void)[]
  #loaded = false
  /** A ledger was removed before the rows were read. */
  #mustSweep = false
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #cancelReview: (() => void) | null = null

  constructor(init: ReferenceTrackerInit) {
    this.#init = init
    const { store, ledgers, clock, publish } = init
    this.book = new ReferenceBook(store)
    this.#arrivals = new Arrivals({
      ledgers,
      book: this.book,
      rejudge: async (places) => await this.#rejudge(places),
      isStopped: () => this.#stopped
    })
    this.#references = new TrackedReferences({
      ledgers,
      clock,
      book: this.book,
      arrivals: this.#arrivals,
      isTracked: (ledgerNumber) => this.#isTracked({ ledgerNumber }),
      publish
    })
    this.#unsubscribe = [
      ledgers.on('stored', (ledger, { entries }) => {
        const isAwaited = this.#arrivals.came(ledger.id)
        if (this.#passes(ledger, entries) && !isAwaited) return
        if (this.#isTracked(ledger)) this.#grown.add(ledger.id)
        this.#go()
      }),
      ledgers.on('audited', ({ id }) => {
        if (this.#arrivals.came(id)) this.#go()
      }),
      ledgers.on('frozen', (ledger) => {
        this.#counts(ledger, ledger.visible)
      }),
      ledgers.on('cut', (ledger, { size }) => {
        this.#counts(ledger, size)
      }),
      ledgers.on('removed', ({ id, ledgerNumber }) => {
        if (this.#looked.delete(id)) this.#removed.add(ledgerNumber)
        if (!this.#loaded) this.#mustSweep = true
        this.#trims.delete(ledgerNumber)
        this.#arrivals.removed(id)
        this.#changed.add(id)
        this.#go()
      })
    ]
  }

  /** Checks whatever is new in any ledger. */
  wake(): void {
    for (const { id } of this.tracked()) this.#grown.add(id)
    for (const { id } of this.#init.ledgers.list()) this.#arrivals.came(id)
    this.#go()
  }

  /** Resolves when no reference is left to check now. */
  async caughtUp(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  /** Was every held entry processed? */
  get isCaughtUp(): boolean {
    return this.#loaded && this.#running === null
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#cancelReview?.()
    await this.#running
    const isDone = this.#loaded && this.#changed.size + this.#trims.size + this.#removed.size === 0
    const sizeOf = (id: LedgerId): number => (isDone ? (this.#looked.get(id)?.size ?? 0) : 0)
    try {
      // Unfinished work is not stored, so everything is checked again.
      await this.book.putLooked(new Map(this.tracked().map(({ id, ledgerNumber }) => [ledgerNumber, sizeOf(id)])))
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED')) throw error // the next start checks everything
    }
  }

  tracked(): Ledger[] {
    const { ledgers, track } = this.#init
    return track === 'all' ? ledgers.list() : ledgers.hasOwn ? [ledgers.own] : []
  }

  /** Checks again all references whose target may still arrive, also one that arrived under another id. */
  review(): void {
    this.#arrivals.review()
    this.wake()
    this.#cancelReview = this.#init.clock.after(REVIEW_MS, () => {
      this.review()
    })
  }

  /** Takes results found elsewhere for references that are not resolved here, unless their status changed meanwhile. */
  async found(changes: readonly ReferenceChange[]): Promise<void> {
    this.#found.push(...changes)
    this.#go()
    await this.caughtUp()
  }

  /** The references at these places, with their stored rows; removed ones are left out. */
  async at(places: readonly ReferencePlace[]): Promise<(ReferenceChange & { entry: Entry })[]> {
    return await this.#references.at(places)
  }

  #isTracked({ ledgerNumber }: Pick<Ledger, 'ledgerNumber'>): boolean {
    const { ledgers, track } = this.#init
    return track === 'all' || (ledgers.hasOwn && ledgers.own.ledgerNumber === ledgerNumber)
  }

  /** Notes entries without references that follow the processed ones: nothing has to be read for them. */
  #passes(ledger: Ledger, entries: readonly Entry[]): boolean {
    if (!this.#isTracked(ledger)) return true
    const looked = this.#looked.get(ledger.id)
    if (this.#running !== null || !this.#loaded) return false
    if (looked?.size !== entries[0]?.header.seq || looked === undefined) return false
    if (entries.some(({ header }) => header.meta.crossLedgerRefs !== undefined)) return false
    looked.size += entries.length
    return looked.size - looked.stored < FAR
  }

  #counts({ id, ledgerNumber }: Ledger, size: number): void {
    this.#changed.add(id)
    this.#arrivals.changed(id)
    if (this.#isTracked({ ledgerNumber })) {
      this.#trims.set(ledgerNumber, Math.min(this.#trims.get(ledgerNumber) ?? size, size))
      this.#grown.add(id)
    }
    this.#go()
  }

  #go(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    const { log } = this.#init
    try {
      await nextTurn()
      if (!this.#loaded) await this.#load()
      while (this.#again && !this.#stopped) {
        this.#again = false
        await this.#trim()
        await this.#takeFound()
        for (const id of [...this.#grown]) await this.#unlessDamaged(id, () => this.#look(id))
        for (const id of [...this.#changed]) await this.#unlessDamaged(id, () => this.#lookAgain(id))
        for (const id of this.#arrivals.due()) await this.#unlessDamaged(id, () => this.#arrivals.match(id))
      }
    } catch (error) {
      if (!isCoded(error, 'CLOSED'))
        log.error(
          { event: 'references.track-failed', error },
          'references could not be looked at; retried with the next entry'
        )
    } finally {
      this.#running = null
    }
  }

  /** One damaged ledger does not stop the processing of the others. */
  async #unlessDamaged(ledger: LedgerId, look: () => Promise<void>): Promise<void> {
    try {
      if (!this.#stopped) await look()
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      this.#init.log.error(
        { event: 'references.ledger-damaged', ledger, error: error.message },
        'the references of a ledger cannot all be looked at: run fsck'
      )
    }
  }

  async #load(): Promise<void> {
    const { ledgers, store } = this.#init
    const tracked = this.tracked()
    // After an unclean stop a newer row may exist without an older one.
    const looked = await Promise.all(
      tracked.map(async ({ ledgerNumber }) => (store.wasClean ? await this.book.looked(ledgerNumber) : 0))
    )
    const others = ledgers.list().filter((ledger) => !this.#isTracked(ledger))
    const hadOthers = await this.book.drop(others.map(({ ledgerNumber }) => ledgerNumber))
    if (hadOthers || this.#mustSweep || tracked.some(({ visible }, i) => visible > 0 && looked[i] === 0))
      await this.book.sweep(new Map(tracked.map(({ ledgerNumber, visible }) => [ledgerNumber, visible])))
    await this.book.load(tracked.map(({ ledgerNumber }) => ledgerNumber))
    for (const [i, { id }] of tracked.entries()) {
      this.#looked.set(id, { size: looked[i]!, stored: looked[i]! })
      this.#grown.add(id)
    }
    this.#arrivals.review()
    this.#loaded = true
  }

  /** Drops the references of entries that are gone, of all ledgers together. */
  async #trim(): Promise<void> {
    const removed = [...this.#removed]
    if (removed.length > 0) await this.book.forget(removed)
    for (const ledgerNumber of removed) this.#removed.delete(ledgerNumber)
    const sizes = new Map<number, number>()
    for (const [ledgerNumber, trim] of [...this.#trims]) {
      const ledger = this.#init.ledgers.byNumber(ledgerNumber)
      this.#trims.delete(ledgerNumber)
      if (ledger === undefined) continue
      const looked = this.#lookedOf(ledger)
      const size = Math.min(trim, ledger.visible)
      if (size >= looked.size) continue
      looked.size = looked.stored = size
      sizes.set(ledgerNumber, size)
    }
    if (sizes.size > 0) await this.book.trim(sizes)
  }

  async #takeFound(): Promise<void> {
    const still: ReferenceChange[] = []
    const found = this.#found.splice(0)
    const rows = await this.book.rowsAt(found.map(({ place }) => place))
    for (const [i, change] of found.entries()) {
      const row = rows[i] ?? null
      if (row !== null && row.status === change.before?.status) still.push({ ...change, before: row })
    }
    await this.#references.put(still)
  }

  #lookedOf({ id }: Pick<Ledger, 'id'>): { size: number; stored: number } {
    let looked = this.#looked.get(id)
    if (looked === undefined) this.#looked.set(id, (looked = { size: 0, stored: 0 }))
    return looked
  }

  /** Processes new entries. */
  async #look(id: LedgerId): Promise<void> {
    this.#grown.delete(id)
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined) return
    const looked = this.#lookedOf(ledger)
    const { ledgerNumber } = ledger
    while (looked.size < ledger.visible && !this.#stopped) {
      const from = looked.size
      const entries = await ledger.range(from, { count: CHUNK, bytes: CHUNK_BYTES }, () => false)
      if (entries.length === 0) return
      const to = from + entries.length
      const there = new Map(
        (await this.book.rows(ledgerNumber, from, to)).map(({ place, row }) => [nameOf(place), row])
      )
      const references = entries.flatMap(({ header }, i) =>
        headerReferences(header).map((reference, index) => {
          const place = { ledgerNumber, seq: from + i, index }
          return { place, reference, before: there.get(nameOf(place)) ?? null }
        })
      )
      const changes = await this.#references.judge(references)
      if (this.#trims.has(ledgerNumber)) return // its entries may have changed meanwhile: it is looked at again
      const isFar = to - looked.stored >= FAR || to === ledger.visible
      await this.#references.put(changes, changes.length > 0 || isFar ? { ledgerNumber, size: to } : null)
      looked.size = to
      if (changes.length > 0 || isFar) looked.stored = to
      await nextTurn()
    }
  }

  /** Checks all references to a ledger. */
  async #lookAgain(id: LedgerId): Promise<void> {
    this.#changed.delete(id)
    for (const { ledgerNumber } of this.tracked()) {
      const range = nameRange('target', ledgerNumber, id, 0, SEQ_END)
      for await (const chunk of chunks(this.#init.store, range, CHUNK))
        for (const [key, block] of chunk) {
          const seqs = decodePosting(seqOf(key), block)
          for (let i = 0; i < seqs.length && !this.#stopped; i += CHUNK)
            await this.#checkAgain(await this.#references.to(id, ledgerNumber, seqs.slice(i, i + CHUNK)))
          if (!this.#stopped) continue
          this.#changed.add(id)
          return
        }
    }
  }

  async #rejudge(places: readonly ReferencePlace[]): Promise<void> {
    for (let i = 0; i < places.length && !this.#stopped; i += CHUNK)
      await this.#checkAgain(await this.#references.at(places.slice(i, i + CHUNK)))
  }

  async #checkAgain(references: readonly UnjudgedReference[]): Promise<void> {
    await this.#references.put(await this.#references.judge(references))
    await nextTurn()
  }
}
