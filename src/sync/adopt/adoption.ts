/**
 * The adoption of one source; one call at a time. Each entry is copied exactly once without a transaction over both
 * ledgers: the id of a copy is the hash of its original, so a retry finds the existing copy. The stored progress is
 * only a hint.
 */
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Wanted } from '../../core/payload-filter.js'
import { seqsFrom } from '../../core/seqs.js'
import { choose, isCandidate } from './choose.js'
import { dayAt } from './decide.js'
import { GROUP_ENTRIES, MAX_ARRIVED } from './limits.js'
import type { AdoptionBook, AdoptSource, CopyChain, CopyOutcome, FoundCopy } from './ports.js'
import { NO_COUNTS, tally } from './tally.js'
import type { AdoptionRow, CopyInput, EntryOutcome, Original, Outcome, Place } from './types.js'

export interface AdoptionInit {
  source: AdoptSource
  copies: CopyChain
  book: AdoptionBook
  row: AdoptionRow
  now: () => number
  /** Called with the outcome of an entry; again when the entry is processed again. */
  onOutcome: (outcome: EntryOutcome) => void
  /** Called with the number of copies that were erased because their originals were. */
  onErased: (copies: number) => void
}

/** `done`: the number of new copies. `stopped`: the own ledger could not be written. */
export type Step = { done: number; bytes: number; stopped: Error | null }

/** The outcome of an entry: for the tally, and for listeners. */
interface Settled {
  original: Original
  outcome: Outcome
}

const NOTHING: Step = { done: 0, bytes: 0, stopped: null }

export class Adoption {
  readonly #init: AdoptionInit
  #row: AdoptionRow
  /** Seqs whose payloads arrived; they may be awaited ones. */
  readonly #arrived = new Set<number>()
  /** Position of the scan of all awaited entries; null: no scan is running. */
  #walk: number | null = 0

  constructor(init: AdoptionInit) {
    this.#init = init
    this.#row = init.row
  }

  get source(): LedgerId {
    return this.#init.source.id
  }

  get row(): AdoptionRow {
    return this.#row
  }

  /** May an awaited payload be held now? */
  get late(): boolean {
    return this.#arrived.size > 0 || this.#walk !== null
  }

  /** Are there unprocessed erasures? */
  get behindErasures(): boolean {
    return this.#row.erased.at < this.#init.source.size
  }

  /** At the start: checks that the source still has the processed entries. */
  async open(): Promise<void> {
    const { adopted, erased, counts } = this.#row
    if (!(await this.#stands(adopted))) await this.rescan()
    // A run that ended in the middle of `rescan`.
    else if (counts.waiting === 0) await this.#init.book.forgetWaiting(this.source)
    if (!(await this.#stands(erased))) this.#row = { ...this.#row, erased: { at: 0, below: null } }
  }

  /** Processes the whole source again, because of other filters or another branch. */
  async rescan(start = this.#row.start, wanted = this.#row.wanted): Promise<void> {
    this.#arrived.clear()
    this.#walk = null
    await this.#save({
      start,
      wanted,
      adopted: { at: start ?? 0, below: null },
      counts: NO_COUNTS,
      refused: [],
      others: {}
    })
    await this.#init.book.forgetWaiting(this.source)
  }

  /** Entries from `size` on were replaced or removed. */
  async cut(size: number): Promise<void> {
    if (this.#row.erased.at > size) this.#row = { ...this.#row, erased: { at: 0, below: null } }
    if (this.#row.adopted.at > size) await this.rescan()
  }

  /** A missing payload arrived: it may be an awaited one, or one that is being found missing just now. */
  arrived(seq: number): void {
    if (this.#arrived.size < MAX_ARRIVED) this.#arrived.add(seq)
    else this.#walk = 0
  }

  /** Awaited payloads may be held now, or may count again. */
  lookAgain(): void {
    this.#walk = 0
  }

  /**
   * The next erasures of the source reach the copies. Only a copy whose mark names this source and this original is
   * erased: otherwise anyone could erase entries of others by naming their ids. True: there were erasures to process.
   */
  async followErasures(): Promise<boolean> {
    const { source } = this.#init
    const from = this.#row.erased.at
    if (from >= source.size) return false
    const { hashes, next } = await source.erasures(from)
    await this.#eraseCopies(hashes)
    // Awaited payloads that are erased now are no longer awaited.
    if (hashes.length > 0 && this.#row.counts.waiting > 0) this.#walk = 0
    await this.#save({ erased: { at: next, below: await source.hashAt(next - 1) } })
    return true
  }

  /** Outcomes of entries from ≤ seq < to, by the own ledger; null: there is no copy, and the reason is not known. */
  async outcomesOf(
    from: number,
    to: number,
    wanted: { filters: Wanted; followed: Wanted }
  ): Promise<(Outcome | null)[]> {
    const { source, copies } = this.#init
    const seqs = seqsFrom(from, to)
    const originals = await source.readSeqs(seqs, (header) => isCandidate(wanted.filters, header))
    const found = await copies.find(originals.map(({ hash }) => hash))
    const refused = new Map(this.#row.refused.map(({ seq, code }) => [seq, code]))
    const outcomes = new Map(
      originals.map((original, i): [number, Outcome | null] => {
        const choice = choose(this.source, wanted.filters, wanted.followed, original)
        const there = found[i] ?? undefined
        const code = refused.get(original.header.seq)
        if (choice.do !== 'copy' || there !== undefined)
          return [original.header.seq, this.#known(original, choice, there)]
        return [original.header.seq, code === undefined ? null : { outcome: 'refused', code, message: '' }]
      })
    )
    return seqs.map((seq) => outcomes.get(seq) ?? null)
  }

  /** Copies one group: late payloads first, then the next entries below `to`. */
  async adopt(to: number, wanted: { filters: Wanted; followed: Wanted }, room: Step['done']): Promise<Step> {
    if (this.late) {
      const step = await this.#adoptLate(to, wanted, room)
      if (step !== null) return step
    }
    return this.#row.adopted.at < to ? await this.#adoptNext(to, wanted, room) : NOTHING
  }

  async #adoptNext(to: number, wanted: { filters: Wanted; followed: Wanted }, room: number): Promise<Step> {
    const { source } = this.#init
    const from = this.#row.adopted.at
    const originals = await source.read(from, to, (header) => isCandidate(wanted.filters, header))
    const { settled, step, first } = await this.#take(originals, wanted, room)
    const at = first === null ? from + originals.length : first.header.seq
    const last = originals[at - from - 1]
    if (last === undefined) return step
    const waiting = settled.filter(({ outcome }) => outcome.outcome === 'waiting')
    await this.#save(
      { adopted: { at, below: last.hash }, ...this.#tallied(settled, false), day: this.#charged(step) },
      { add: waiting.map(({ original }) => original.header.seq), drop: [] }
    )
    this.#tell(settled)
    return step
  }

  /** null: no awaited payload is held. */
  async #adoptLate(to: number, wanted: { filters: Wanted; followed: Wanted }, room: number): Promise<Step | null> {
    const { source, book } = this.#init
    const seqs = await this.#nextLate()
    const read = await source.readSeqs(seqs, (header) => isCandidate(wanted.filters, header))
    // Entries that did not fit in a group are searched again.
    const last = read.at(-1)?.header.seq ?? Infinity
    for (const seq of seqs) if (seq > last && seq < source.size) this.arrived(seq)
    const originals = read.filter(({ header, payload }) => header.seq < to && payload.state !== 'missing')
    const gone = seqs.filter((seq) => seq >= source.size)
    if (originals.length === 0 && gone.length === 0) return null
    const { settled, step, first } = await this.#take(originals, wanted, room)
    // Entries that were not copied now are searched again.
    if (first !== null) for (const { header } of originals) if (header.seq >= first.header.seq) this.arrived(header.seq)
    const done = settled.filter(({ outcome }) => outcome.outcome !== 'waiting')
    await book.put(
      this.source,
      (this.#row = { ...this.#row, ...this.#tallied(done, true), day: this.#charged(step) }),
      { add: [], drop: [...done.map(({ original }) => original.header.seq), ...gone] }
    )
    this.#tell(done)
    return step
  }

  /** Awaited seqs whose payloads may be held. */
  async #nextLate(): Promise<number[]> {
    const { book } = this.#init
    const arrived = [...this.#arrived].sort((a, b) => a - b).slice(0, GROUP_ENTRIES)
    for (const seq of arrived) this.#arrived.delete(seq)
    if (arrived.length > 0) return await book.areWaiting(this.source, arrived)
    if (this.#walk === null) return []
    const seqs = await book.waiting(this.source, this.#walk, GROUP_ENTRIES)
    this.#walk = seqs.length < GROUP_ENTRIES ? null : seqs.at(-1)! + 1
    return seqs
  }

  /**
   * `first`: the first of them without an outcome, because there was no more room or the own ledger could not be
   * written; it and later ones are processed again.
   */
  async #take(
    originals: readonly Original[],
    { filters, followed }: { filters: Wanted; followed: Wanted },
    room: number
  ): Promise<{ settled: Settled[]; step: Step; first: Original | null }> {
    const { copies } = this.#init
    const chosen = originals.map((original) => ({ original, choice: choose(this.source, filters, followed, original) }))
    // Also for erased entries: a run that ended between the copy and this check left the payload in the copy.
    const asked = chosen.filter(
      ({ choice }) => choice.do === 'copy' || (choice.do === 'skip' && choice.code === 'ERASED')
    )
    const found = new Map<Hash, FoundCopy>()
    const looked = await copies.find(asked.map(({ original }) => original.hash))
    for (const [i, one] of looked.entries()) if (one !== null) found.set(asked[i]!.original.hash, one)

    const settled: Settled[] = []
    const inputs: { original: Original; input: CopyInput }[] = []
    let first: Original | null = null
    for (const { original, choice } of chosen) {
      const there = found.get(original.hash)
      if (choice.do === 'copy' && there === undefined) {
        if (inputs.length >= room) {
          first = original
          break
        }
        inputs.push({ original, input: choice.input })
      } else settled.push({ original, outcome: this.#known(original, choice, there) })
    }
    const outcomes = inputs.length === 0 ? [] : await this.#append(inputs)
    const step: Step = { done: 0, bytes: 0, stopped: null }
    for (const [i, { original }] of inputs.entries()) {
      const outcome = outcomes[i]!
      if (outcome.done === 'stopped') {
        step.stopped ??= outcome.error
        if (first === null || original.header.seq < first.header.seq) first = original
        continue
      }
      settled.push({ original, outcome: settledAs(outcome) })
      if (outcome.done !== 'appended') continue
      step.done++
      step.bytes += original.bytes
    }
    await this.#eraseStale(settled)
    const end: Original | null = first
    return {
      settled: end === null ? settled : settled.filter(({ original }) => original.header.seq < end.header.seq),
      step,
      first
    }
  }

  async #append(inputs: readonly { original: Original; input: CopyInput }[]): Promise<CopyOutcome[]> {
    const { copies } = this.#init
    const outcomes = await copies.append(inputs.map(({ input }) => input))
    const taken = inputs.filter((_, i) => isTaken(outcomes[i]!)).map(({ original }) => original.hash)
    if (taken.length === 0) return outcomes
    // Its own copy may have had the payload, which was erased since.
    const found = await copies.find(taken)
    const mine = new Set(taken.filter((hash, i) => found[i] != null && this.#isMine(found[i], hash)))
    return outcomes.map((outcome, i) =>
      isTaken(outcome) && mine.has(inputs[i]!.original.hash) ? { done: 'existing' } : outcome
    )
  }

  /** Outcomes that need no append. */
  #known(original: Original, choice: ReturnType<typeof choose>, there: FoundCopy | undefined): Outcome {
    const isMine = there !== undefined && this.#isMine(there, original.hash)
    switch (choice.do) {
      case 'skip':
        // Its copy stays, and so does what it was: a header without its payload.
        return choice.code === 'ERASED' && isMine ? { outcome: 'existing' } : { outcome: 'skipped', code: choice.code }
      case 'wait':
        return { outcome: 'waiting', code: 'NO_PAYLOAD' }
      case 'copy':
        return isMine
          ? { outcome: 'existing' }
          : { outcome: 'refused', code: 'ID_TAKEN', message: `another entry of the own ledger has id ${original.hash}` }
    }
  }

  /**
   * An erasure may have arrived between reading the original and writing the copy. Throws when the own ledger cannot be
   * written.
   */
  async #eraseStale(settled: readonly Settled[]): Promise<void> {
    const copied = settled.filter(({ outcome }) => outcome.outcome === 'adopted' || outcome.outcome === 'existing')
    const erased = await this.#init.source.areErased(copied.map(({ original }) => original.header.seq))
    await this.#eraseCopies(copied.filter((_, i) => erased[i]).map(({ original }) => original.hash))
  }

  async #eraseCopies(originals: readonly Hash[]): Promise<void> {
    if (originals.length === 0) return
    const { copies } = this.#init
    const found = await copies.find(originals)
    const stale = found.filter((one, i) => one !== null && one.hasPayload && this.#isMine(one, originals[i]!))
    if (stale.length === 0) return
    await copies.erase(stale.map((one) => one!.hash))
    this.#init.onErased(stale.length)
  }

  #isMine({ mark }: FoundCopy, original: Hash): boolean {
    return mark?.source === this.source && mark.originalHash === original
  }

  async #stands({ at, below }: Place): Promise<boolean> {
    return below === null || (await this.#init.source.hashAt(at - 1)) === below
  }

  #tallied(settled: readonly Settled[], wasWaiting: boolean): Pick<AdoptionRow, 'counts' | 'refused' | 'others'> {
    return tally(
      this.#row,
      settled.map((one) => this.#outcomeOf(one)),
      wasWaiting
    )
  }

  #charged({ done, bytes }: Step): AdoptionRow['day'] {
    const day = dayAt(this.#row.day, this.#init.now())
    return done === 0 ? this.#row.day : { ...day, entries: day.entries + done, bytes: day.bytes + bytes }
  }

  #tell(settled: readonly Settled[]): void {
    for (const one of settled) this.#init.onOutcome(this.#outcomeOf(one))
  }

  #outcomeOf({ original: { header, hash }, outcome }: Settled): EntryOutcome {
    return { source: this.source, seq: header.seq, id: header.id, hash, header, ...outcome }
  }

  async #save(
    change: Partial<AdoptionRow>,
    waiting: { add: readonly number[]; drop: readonly number[] } = { add: [], drop: [] }
  ): Promise<void> {
    this.#row = { ...this.#row, ...change }
    await this.#init.book.put(this.source, this.#row, waiting)
  }
}

function isTaken(outcome: CopyOutcome): boolean {
  return outcome.done === 'refused' && outcome.code === 'ID_TAKEN'
}

function settledAs(outcome: Exclude<CopyOutcome, { done: 'stopped' }>): Outcome {
  switch (outcome.done) {
    case 'appended':
      return { outcome: 'adopted' }
    case 'existing':
      return { outcome: 'existing' }
    case 'refused':
      // Contents that no entry of this format can have were not written by this software.
      return outcome.code === 'MALFORMED'
        ? { outcome: 'skipped', code: 'MALFORMED' }
        : { outcome: 'refused', code: outcome.code, message: outcome.message }
  }
}
