/**
 * Fetches the targets of own references in ledgers that are not held. Only of own headers: fetching targets of others'
 * references, or of payloads, would reveal who reads them. References of a private ledger are never revealed.
 */
import { BoundedMap } from '../../core/bounded.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { judgeShown, wantedBy } from './fetched-references.js'
import type { ReferenceChange } from './reference-book.js'
import type { ReferenceTracker } from './reference-tracker.js'

/**
 * Interval of the check for due references; a ledger that no peer shows is tried again after an hour, then half as
 * often each time.
 */
const LOOK_MS = 60_000
const FIRST_MS = 60 * 60_000
const LONGEST_MS = 24 * 60 * 60_000
/** Ledgers per run, and entries of each: as many as one request may have. */
const MAX_LEDGERS = 16
const MAX_ENTRIES = 64
/** Own references, and others' to one ledger, that a run looks through for those that are not shown yet. */
const MAX_ROWS = 65_536
const CHUNK = 256
/** Ledgers of which is kept when they are asked for again. */
const MAX_ASKED = 4096

interface Asked {
  /** ms since the epoch. */
  next: number
  waitMs: number
  /** The last reference that had its turn, so that those nobody shows keep no others from theirs; null: none. */
  after: Buffer | null
}

type OpenReference = Awaited<ReturnType<ReferenceTracker['at']>>[number]

const FIRST = { seq: 0, index: 0 }

export interface ReferenceAskerInit {
  tracker: ReferenceTracker
  ledgers: Ledgers
  clock: Clock
  log: Log
  fetch: (ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }) => Promise<LedgerEntry[]>
}

export class ReferenceAsker {
  readonly #init: ReferenceAskerInit
  readonly #asked = new BoundedMap<LedgerId, Asked>(MAX_ASKED)
  /** Where the next run goes on among the own references. */
  #start = FIRST
  #cancel: (() => void) | null = null
  #running: Promise<void> | null = null

  constructor(init: ReferenceAskerInit) {
    this.#init = init
  }

  start(): void {
    this.#cancel = this.#init.clock.after(LOOK_MS, () => {
      this.#running = this.look()
        .catch((error: unknown) => {
          this.#init.log.warn(
            { event: 'references.ask-failed', error },
            'references could not be asked for; asked again'
          )
        })
        .finally(() => {
          this.#running = null
          if (this.#cancel !== null) this.start()
        })
    })
  }

  async stop(): Promise<void> {
    this.#cancel?.()
    this.#cancel = null
    await this.#running
  }

  /** Fetches due targets. */
  async look(): Promise<void> {
    const { ledgers } = this.#init
    if (!ledgers.hasOwn || ledgers.own.chain?.access !== 'public') return
    // One that is held is looked at here.
    for (const id of this.#asked.keys()) if (this.#isHeld(id)) this.#asked.delete(id)
    await Promise.all([...(await this.#due())].map(async (id) => await this.#ask(id)))
  }

  /** Ledgers that are not held, are due, and have an open own reference; the own ones are gone through in turn. */
  async #due(): Promise<Set<LedgerId>> {
    const { tracker, ledgers, clock } = this.#init
    const { ledgerNumber } = ledgers.own
    const due = new Set<LedgerId>()
    const started = this.#start
    let isRound = false
    for (let rows = 0; rows < MAX_ROWS; rows += CHUNK) {
      const { found, next } = await tracker.book.list(ledgerNumber, 'unresolved', this.#start, CHUNK, CHUNK)
      for (const { place, reference } of await tracker.at(found.map((one) => one.place))) {
        if (isRound && !isBefore(place, started)) return due
        const { ledgerId } = reference
        if (this.#isHeld(ledgerId) || (this.#asked.get(ledgerId)?.next ?? 0) > clock.now()) continue
        this.#start = place
        if (due.size === MAX_LEDGERS && !due.has(ledgerId)) return due
        due.add(ledgerId)
      }
      if (next === null && isRound) break
      isRound ||= next === null
      this.#start = next ?? FIRST
      if (isRound && !isBefore(this.#start, started)) break
    }
    return due
  }

  async #ask(id: LedgerId): Promise<void> {
    const { tracker, clock, fetch } = this.#init
    const last = this.#asked.get(id) ?? { waitMs: FIRST_MS / 2, after: null }
    const { open, after, isAll } = await this.#openOf(id, last.after)
    const waitMs = Math.min(last.waitMs * 2, LONGEST_MS)
    // What others have there is passed over at once.
    this.#asked.set(id, open.length === 0 ? { ...last, next: 0, after } : { next: clock.now() + waitMs, waitMs, after })
    if (open.length === 0) return
    const shown = await fetch(id, wantedBy(open.map(({ reference }) => reference)))
    const found = open.flatMap(({ place, reference, before }): ReferenceChange[] => {
      const { status, entry } = judgeShown(reference, shown)
      // That hash is an entry with another id, which is final.
      const asOf = entry === null ? 0 : entry.seq + 1
      return status === 'unresolved' ? [] : [{ place, reference, before, after: { status, asOf, since: clock.now() } }]
    })
    await tracker.found(found)
    if (isAll && found.length === open.length) this.#asked.delete(id)
  }

  /** The next own references to a ledger that are open; behind the last of them it begins with the first again. */
  async #openOf(
    id: LedgerId,
    after: Buffer | null
  ): Promise<{ open: OpenReference[]; after: Buffer | null; isAll: boolean }> {
    const { tracker, ledgers } = this.#init
    const open: OpenReference[] = []
    let rows = 0
    for await (const chunk of tracker.book.waiting(id, { after })) {
      const own = chunk.filter(({ place }) => place.ledgerNumber === ledgers.own.ledgerNumber)
      const there = await tracker.at(own.map(({ place }) => place))
      for (const one of there) {
        if (one.before?.status !== 'unresolved') continue
        open.push(one)
        if (open.length < MAX_ENTRIES) continue
        return { open, after: own.find(({ place }) => place === one.place)!.key, isAll: false }
      }
      rows += chunk.length
      if (rows >= MAX_ROWS) return { open, after: chunk.at(-1)!.key, isAll: false }
    }
    if (open.length === 0 && after !== null) return await this.#openOf(id, null)
    return { open, after: null, isAll: after === null }
  }

  #isHeld(id: LedgerId): boolean {
    return (this.#init.ledgers.get(id)?.visible ?? 0) > 0
  }
}

function isBefore(a: { seq: number; index: number }, b: { seq: number; index: number }): boolean {
  return a.seq < b.seq || (a.seq === b.seq && a.index < b.index)
}
