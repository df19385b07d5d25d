/**
 * Tracks the status of references of the own ledger (or of all held ones), and checks it again when it may have
 * changed: the target arrived, was audited, froze, was voided, or is no longer held. It runs after the store: no append
 * waits for it (I1), and all of it is derived from the entries (I8).
 */
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { referencesIn } from '../../core/reference.js'
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
import { judgeReference } from './judge-reference.js'
import { ReferenceBook, type ReferenceChange } from './reference-book.js'
import type { ReferenceRow } from './reference-row.js'

export interface ReferenceTrackerInit {
  store: Store
  ledgers: Ledgers
  clock: Clock
  log: Log
  /** Whose references are tracked: the own ledger's, or those of all held ones. */
  track: 'own' | 'all'
  publish: (change: NetworkChange) => void
}

/** Entries read per step: other work runs in between. */
const CHUNK = 256
const CHUNK_BYTES = 1024 * 1024
/** Interval at which all open references are checked again, ms. */
const REVIEW_MS = 60 * 60_000
/** Entries without references after which the progress is written. */
const FAR = 4096

export class ReferenceTracker {
  readonly book: ReferenceBook
  readonly #init: ReferenceTrackerInit
  /** Progress of tracked ledgers: entries processed, and how much of that is stored. */
  readonly #looked = new Map<LedgerId, { size: number; stored: number }>()
  /** For awaited ledgers: audited entries that were already matched with waiting references. */
  readonly #arrived = new Map<LedgerId, number>()
  /** Ledgers of which other entries count than before: all references to them are checked again. */
  readonly #changed = new Set<LedgerId>()
  /** Tracked ledgers that were cut (to a size) or removed, by number. */
  readonly #trims = new Map<number, number>()
  readonly #removed = new Set<number>()
  /** Results found elsewhere that are not written yet: only one run writes, or a reference would be counted twice. */
  readonly #found: ReferenceChange[] = []
  readonly #unsubscribe: (() => void)[]
  #loaded = false
  #running: Promise<void> | null = null
  #again = false
  #stopped = false
  #cancelReview: (() => void) | null = null

  constructor(init: ReferenceTrackerInit) {
    this.#init = init
    this.book = new ReferenceBook(init.store)
    const { ledgers } = init
    this.#unsubscribe = [
      ledgers.on('stored', (ledger, { entries }) => {
        if (!this.#passes(ledger, entries)) this.wake()
      }),
      ledgers.on('audited', (ledger) => {
        if (this.book.waits.has(ledger.id)) this.wake()
      }),
      ledgers.on('frozen', (ledger) => {
        this.#counts(ledger, ledger.visible)
      }),
      ledgers.on('cut', (ledger, { size }) => {
        this.#counts(ledger, size)
      }),
      ledgers.on('removed', (ledger) => {
        this.#looked.delete(ledger.id)
        this.#removed.add(ledger.ledgerNumber)
        this.#changed.add(ledger.id)
        this.wake()
      })
    ]
  }

  /** Checks new entries. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run()
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
    try {
      // Unfinished work is not stored, so everything is checked again.
      for (const { id, ledgerNumber } of this.tracked())
        await this.book.putLooked(ledgerNumber, isDone ? (this.#looked.get(id)?.size ?? 0) : 0)
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
    this.#arrived.clear()
    this.wake()
    this.#cancelReview = this.#init.clock.after(REVIEW_MS, () => {
      this.review()
    })
  }

  /** Takes results found elsewhere for references that are not resolved here, unless their status changed meanwhile. */
  async found(changes: readonly ReferenceChange[]): Promise<void> {
    this.#found.push(...changes)
    this.wake()
    await this.caughtUp()
  }

  /** The references at these places, with their stored rows; removed ones are left out. */
  async at(places: readonly ReferencePlace[]): Promise<(ReferenceChange & { entry: Entry })[]> {
    const found: (ReferenceChange & { entry: Entry })[] = []
    const byNumber = new Map(this.tracked().map((ledger) => [ledger.ledgerNumber, ledger]))
    for (const [ledgerNumber, ofOne] of Map.groupBy(places, (place) => place.ledgerNumber)) {
      const reader = byNumber.get(ledgerNumber)?.reader
      const entries = (await reader?.many(ofOne.map(({ seq }) => seq))) ?? []
      const rows = await this.book.rowsAt(ofOne)
      for (const [i, place] of ofOne.entries()) {
        const entry = entries[i] ?? null
        const reference = entry === null ? undefined : referencesIn(entry.header.meta)[place.index]
        const before = rows[i] ?? null
        if (entry !== null && reference !== undefined) found.push({ entry, place, reference, before, after: before })
      }
    }
    return found
  }

  /** Notes entries without references that follow the processed ones: nothing has to be read for them. */
  #passes({ id }: Ledger, entries: readonly Entry[]): boolean {
    const looked = this.#looked.get(id)
    if (this.#running !== null || !this.#loaded || this.book.waits.has(id)) return false
    if (looked === undefined) return this.#init.track === 'own' && id !== this.#init.ledgers.own.id
    if (looked.size !== entries[0]?.header.seq) return false
    if (entries.some(({ header }) => header.meta.crossLedgerRefs !== undefined)) return false
    looked.size += entries.length
    return looked.size - looked.stored < FAR
  }

  #counts({ id, ledgerNumber }: Ledger, size: number): void {
    this.#changed.add(id)
    this.#trims.set(ledgerNumber, Math.min(this.#trims.get(ledgerNumber) ?? size, size))
    this.wake()
  }

  async #run(): Promise<void> {
    const { log } = this.#init
    try {
      await yieldToOthers()
      if (!this.#loaded) await this.#load()
      while (this.#again && !this.#stopped) {
        this.#again = false
        await this.#trim()
        await this.#takeFound()
        for (const ledger of this.tracked()) await this.#unlessDamaged(ledger.id, () => this.#look(ledger))
        for (const id of [...this.#changed]) await this.#unlessDamaged(id, () => this.#lookAgain(id))
        for (const [id, count] of [...this.book.waits]) await this.#unlessDamaged(id, () => this.#arrive(id, count))
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
    const tracked = this.tracked()
    await this.book.load(tracked.map(({ ledgerNumber }) => ledgerNumber))
    for (const { id, ledgerNumber } of tracked) {
      // After an unclean stop a newer row may exist without an older one.
      const size = this.#init.store.wasClean ? await this.book.looked(ledgerNumber) : 0
      this.#looked.set(id, { size, stored: size })
    }
    this.#loaded = true
  }

  async #trim(): Promise<void> {
    for (const ledgerNumber of [...this.#removed]) {
      await this.book.forget(ledgerNumber)
      this.#removed.delete(ledgerNumber)
    }
    for (const ledger of this.tracked()) {
      const looked = this.#lookedOf(ledger)
      const size = Math.min(this.#trims.get(ledger.ledgerNumber) ?? looked.size, ledger.visible)
      this.#trims.delete(ledger.ledgerNumber)
      if (size >= looked.size) continue
      looked.size = looked.stored = size
      await this.book.trim(ledger.ledgerNumber, size)
    }
  }

  async #takeFound(): Promise<void> {
    const still: ReferenceChange[] = []
    const found = this.#found.splice(0)
    const rows = await this.book.rowsAt(found.map(({ place }) => place))
    for (const [i, change] of found.entries()) {
      const row = rows[i] ?? null
      if (row !== null && row.status === change.before?.status) still.push({ ...change, before: row })
    }
    await this.#put(still, null)
  }

  #lookedOf({ id }: Ledger): { size: number; stored: number } {
    let looked = this.#looked.get(id)
    if (looked === undefined) this.#looked.set(id, (looked = { size: 0, stored: 0 }))
    return looked
  }

  /** Processes new entries. */
  async #look(ledger: Ledger): Promise<void> {
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
      const changes: ReferenceChange[] = []
      for (const [i, { header }] of entries.entries())
        for (const [index, reference] of headerReferences(header).entries()) {
          const place = { ledgerNumber, seq: from + i, index }
          changes.push(await this.#judge({ place, reference, before: there.get(nameOf(place)) ?? null }))
        }
      if (this.#trims.has(ledgerNumber)) return // its entries may have changed meanwhile
      const isFar = to - looked.stored >= FAR || to === ledger.visible
      await this.#put(changes, changes.length > 0 || isFar ? { ledgerNumber, size: to } : null)
      looked.size = to
      if (changes.length > 0 || isFar) looked.stored = to
      await yieldToOthers()
    }
  }

  /** Checks all references to a ledger. */
  async #lookAgain(id: LedgerId): Promise<void> {
    this.#changed.delete(id)
    this.#arrived.delete(id)
    for (const { ledgerNumber } of this.tracked()) {
      const range = nameRange('target', ledgerNumber, id, 0, SEQ_END)
      for await (const chunk of chunks(this.#init.store, range, CHUNK)) {
        const places: ReferencePlace[] = []
        for (const [key, block] of chunk)
          for (const seq of decodePosting(seqOf(key), block))
            places.push(...(await this.book.rows(ledgerNumber, seq, seq + 1)).map(({ place }) => place))
        await this.#rejudge(places)
        if (!this.#stopped) continue
        this.#changed.add(id)
        return
      }
    }
  }

  /** Checks references that wait for entries of a ledger that have arrived and are audited. */
  async #arrive(id: LedgerId, count: number): Promise<void> {
    const ledger = this.#init.ledgers.get(id)
    const end = ledger === undefined ? 0 : Math.min(ledger.audited, ledger.visible)
    const from = this.#arrived.get(id)
    if (ledger === undefined) this.#arrived.delete(id)
    else this.#arrived.set(id, end)
    if (ledger === undefined || (from !== undefined && from >= end)) return
    if (from === undefined || end - from >= count) {
      await this.#rejudge(await this.book.waiting(id))
    } else
      for (let at = from; at < end && !this.#stopped;) {
        const entries = (await ledger.reader.many(seqs(at, Math.min(at + CHUNK, end)))).filter(
          (entry) => entry !== null
        )
        for (const { header } of entries) await this.#rejudge(await this.book.waiting(id, header.id))
        at += CHUNK
      }
    if (this.#stopped) this.#changed.add(id)
  }

  async #rejudge(places: readonly ReferencePlace[]): Promise<void> {
    for (let i = 0; i < places.length && !this.#stopped; i += CHUNK) {
      const changes: ReferenceChange[] = []
      for (const one of await this.at(places.slice(i, i + CHUNK))) changes.push(await this.#judge(one))
      await this.#put(changes, null)
      await yieldToOthers()
    }
  }

  async #judge({ place, reference, before }: Omit<ReferenceChange, 'after'>): Promise<ReferenceChange> {
    const { ledgers, clock } = this.#init
    const target = ledgers.get(reference.ledgerId)
    // Entries audited from here on are matched by their ids.
    if (target !== undefined && !this.#arrived.has(target.id) && !this.book.waits.has(target.id))
      this.#arrived.set(target.id, Math.min(target.audited, target.visible))
    const { status, asOf } = await judgeReference(reference, ledgers)
    const isSame =
      before?.status === status ? before.asOf === asOf : status === 'unresolved' && before !== null && isForGood(before)
    return { place, reference, before, after: isSame ? before : { status, asOf, since: clock.now() } }
  }

  async #put(judged: readonly ReferenceChange[], looked: { ledgerNumber: number; size: number } | null): Promise<void> {
    const changes = judged.filter(({ before, after }) => before !== after)
    await this.book.write(changes, looked)
    const told = changes.filter(({ before, after }) => isNews(before, after!))
    const names = new Map((await this.at(told.map(({ place }) => place))).map((one) => [nameOf(one.place), one.entry]))
    for (const { place, reference, before, after } of told) {
      const entry = names.get(nameOf(place))
      if (entry === undefined) continue // gone meanwhile
      this.#init.publish({
        kind: 'reference',
        from: { ledger: this.#idOf(place), id: entry.header.id, hash: entry.hash },
        to: { ledger: reference.ledgerId, id: reference.entryId, hash: reference.entryHash },
        was: before?.status ?? null,
        status: after!.status
      })
    }
  }

  #idOf({ ledgerNumber }: ReferencePlace): LedgerId {
    return this.tracked().find((ledger) => ledger.ledgerNumber === ledgerNumber)!.id
  }
}

/** A reference that is resolved or open at its first check is not reported as a change. */
function isNews(before: ReferenceRow | null, after: ReferenceRow): boolean {
  return before === null
    ? after.status === 'contradicted' || after.status === 'disputed'
    : before.status !== after.status
}

/** A status from an entry with its proof, or from a hash of another entry, stays while nothing else is known here. */
function isForGood({ status, asOf }: ReferenceRow): boolean {
  return status === 'proved' || (status === 'contradicted' && asOf === 0)
}

function nameOf({ ledgerNumber, seq, index }: ReferencePlace): string {
  return `${ledgerNumber} ${seq} ${index}`
}

/** Lets other work run. */
async function yieldToOthers(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}

function seqs(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
