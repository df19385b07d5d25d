/** Checks tracked references by the ledgers held here, stores what came of it, and tells of changes. */
import type { Entry } from '../../core/entry.js'
import { referencesIn } from '../../core/reference.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { ReferencePlace } from '../../store/reference-keys.js'
import type { NetworkChange } from '../api/events.js'
import type { Arrivals } from './arrivals.js'
import { judgeReference } from './judge-reference.js'
import { doesWait, type ReferenceBook, type ReferenceChange } from './reference-book.js'
import type { ReferenceRow } from './reference-row.js'

export interface TrackedReferencesInit {
  ledgers: Ledgers
  clock: Clock
  book: ReferenceBook
  arrivals: Pick<Arrivals, 'judged' | 'waits'>
  /** Are the references of the ledger with this number tracked? */
  isTracked: (ledgerNumber: number) => boolean
  publish: (change: NetworkChange) => void
}

export type UnjudgedReference = Omit<ReferenceChange, 'after'>

/** References that are checked side by side. */
const AT_ONCE = 32

export class TrackedReferences {
  readonly #init: TrackedReferencesInit

  constructor(init: TrackedReferencesInit) {
    this.#init = init
  }

  /** The references at these places, with their stored rows; removed ones are left out. */
  async at(places: readonly ReferencePlace[]): Promise<(ReferenceChange & { entry: Entry })[]> {
    const { book } = this.#init
    const found: (ReferenceChange & { entry: Entry })[] = []
    for (const [ledgerNumber, ofOne] of Map.groupBy(places, (place) => place.ledgerNumber)) {
      const entries = await this.#entries(
        ledgerNumber,
        ofOne.map(({ seq }) => seq)
      )
      const rows = await book.rowsAt(ofOne)
      for (const [i, place] of ofOne.entries()) {
        const entry = entries[i] ?? null
        const reference = entry === null ? undefined : referencesIn(entry.header.meta)[place.index]
        const before = rows[i] ?? null
        if (entry !== null && reference !== undefined) found.push({ entry, place, reference, before, after: before })
      }
    }
    return found
  }

  /** The references of these entries to one ledger; without those that have no row, as behind a freeze. */
  async to(ledger: string, ledgerNumber: number, seqs: number[]): Promise<UnjudgedReference[]> {
    const found: Omit<UnjudgedReference, 'before'>[] = []
    for (const entry of await this.#entries(ledgerNumber, seqs))
      for (const [index, reference] of referencesIn(entry?.header.meta ?? {}).entries())
        if (reference.ledgerId === ledger)
          found.push({ place: { ledgerNumber, seq: entry!.header.seq, index }, reference })
    const rows = await this.#init.book.rowsAt(found.map(({ place }) => place))
    return found.map((one, i) => ({ ...one, before: rows[i] ?? null })).filter(({ before }) => before !== null)
  }

  /** Their statuses as of now, in the same order. */
  async judge(references: readonly UnjudgedReference[]): Promise<ReferenceChange[]> {
    const judged: ReferenceChange[] = []
    for (let at = 0; at < references.length; at += AT_ONCE)
      judged.push(
        ...(await Promise.all(references.slice(at, at + AT_ONCE).map(async (one) => await this.#judgeOne(one))))
      )
    return judged
  }

  /** Stores what changed, with the progress that it belongs to. */
  async put(
    judged: readonly ReferenceChange[],
    looked: { ledgerNumber: number; size: number } | null = null
  ): Promise<void> {
    const { book, arrivals, publish } = this.#init
    const changes = judged.filter(({ before, after }) => before !== after)
    await book.write(changes, looked)
    for (const { reference, after } of changes) if (doesWait(after)) arrivals.waits(reference.ledgerId)
    const told = changes.filter(({ before, after }) => isNews(before, after!))
    const names = await this.#entriesAt(told.map(({ place }) => place))
    for (const { place, reference, before, after } of told) {
      const entry = names.get(nameOf(place))
      const from = this.#ledgerOf(place.ledgerNumber)
      if (entry === undefined || from === undefined) continue // gone meanwhile
      publish({
        kind: 'reference',
        from: { ledger: from.id, id: entry.header.id, hash: entry.hash },
        to: { ledger: reference.ledgerId, id: reference.entryId, hash: reference.entryHash },
        was: before?.status ?? null,
        status: after!.status
      })
    }
  }

  async #judgeOne({ place, reference, before }: UnjudgedReference): Promise<ReferenceChange> {
    const { ledgers, clock, arrivals } = this.#init
    const target = ledgers.get(reference.ledgerId)
    if (target !== undefined) await arrivals.judged(target)
    const { status, asOf } = await judgeReference(reference, ledgers)
    const isSame =
      before?.status === status ? before.asOf === asOf : status === 'unresolved' && before !== null && isForGood(before)
    return { place, reference, before, after: isSame ? before : { status, asOf, since: clock.now() } }
  }

  /** By the name of the place; without those that are gone. */
  async #entriesAt(places: readonly ReferencePlace[]): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>()
    for (const [ledgerNumber, ofOne] of Map.groupBy(places, (place) => place.ledgerNumber)) {
      const seqs = ofOne.map(({ seq }) => seq)
      for (const [i, entry] of (await this.#entries(ledgerNumber, seqs)).entries())
        if (entry !== null) found.set(nameOf(ofOne[i]!), entry)
    }
    return found
  }

  async #entries(ledgerNumber: number, seqs: number[]): Promise<(Entry | null)[]> {
    return (await this.#ledgerOf(ledgerNumber)?.reader.many(seqs)) ?? []
  }

  #ledgerOf(ledgerNumber: number): Ledger | undefined {
    const { ledgers, isTracked } = this.#init
    return isTracked(ledgerNumber) ? ledgers.byNumber(ledgerNumber) : undefined
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

/** A name of a place, for maps. */
export function nameOf({ ledgerNumber, seq, index }: ReferencePlace): string {
  return `${ledgerNumber} ${seq} ${index}`
}
