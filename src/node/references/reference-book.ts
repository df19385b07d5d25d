/** The statuses of references, on the disk; the counts per status and the awaited targets, in memory. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference } from '../../core/reference.js'
import { chunks } from '../../store/chunks.js'
import { familyRange, ledgerRange, SEQ_BYTES, SEQ_END } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import {
  ledgerOfWait,
  lookedKey,
  placeOfReference,
  placeOfWait,
  referenceKey,
  referenceRange,
  waitKey,
  waitRange,
  type ReferencePlace
} from '../../store/reference-keys.js'
import type { Op, Store } from '../../store/store.js'
import type { ReferenceStatus } from '../../references/types.js'
import { decodeRow, encodeRow, isOpen, STATUSES, type ReferenceRow } from './reference-row.js'

export type ReferenceCounts = Record<ReferenceStatus, number>

/** `before`, `after` null: there is no row. */
export interface ReferenceChange {
  place: ReferencePlace
  reference: Reference
  before: ReferenceRow | null
  after: ReferenceRow | null
}

/** Rows read or deleted together. */
const CHUNK = 1024

export class ReferenceBook {
  readonly #store: Store
  readonly #counts = new Map<number, ReferenceCounts>()
  readonly #waits = new Map<LedgerId, number>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads the rows of the ledgers with these numbers, and drops rows of others, which are no longer held. */
  async load(numbers: readonly number[]): Promise<void> {
    for (const ledgerNumber of numbers) {
      const counts = this.#countsOf(ledgerNumber)
      for await (const chunk of chunks(this.#store, ledgerRange('refState', ledgerNumber), CHUNK))
        for (const [key, value] of chunk) if (placeOfReference(key) !== null) counts[decodeRow(value).status]++
    }
    const held = new Set(numbers)
    await this.#eachWait(async (keys) => {
      const gone: Buffer[] = []
      for (const key of keys)
        if (held.has(placeOfWait(key).ledgerNumber)) this.#count(ledgerOfWait(key), 1)
        else gone.push(key)
      await this.#delete(gone)
    })
  }

  /** Number of processed entries. */
  async looked(ledgerNumber: number): Promise<number> {
    const value = await this.#store.get(lookedKey(ledgerNumber))
    return value?.length === SEQ_BYTES ? value.readUIntBE(0, SEQ_BYTES) : 0
  }

  async putLooked(ledgerNumber: number, size: number): Promise<void> {
    await this.#store.write([putLooked(ledgerNumber, size)], { sync: false })
  }

  counts(ledgerNumber: number): Readonly<ReferenceCounts> {
    return { ...this.#countsOf(ledgerNumber) }
  }

  /** How many references wait for entries of each ledger. */
  get waits(): ReadonlyMap<LedgerId, number> {
    return this.#waits
  }

  /** References that wait for entries of a ledger, or for entries with an id. */
  async waiting(ledger: LedgerId, entryId?: string): Promise<ReferencePlace[]> {
    return (await this.#store.keys(waitRange(ledger, entryId))).map(placeOfWait)
  }

  /** The stored rows of the references of from ≤ seq < to. */
  async rows(ledgerNumber: number, from: number, to: number): Promise<{ place: ReferencePlace; row: ReferenceRow }[]> {
    return (await this.#store.all(referenceRange(ledgerNumber, from, to))).map(([key, value]) => ({
      place: placeOfReference(key)!,
      row: decodeRow(value)
    }))
  }

  /** The stored rows at these places, in their order, from one read; null: there is none. */
  async rowsAt(places: readonly ReferencePlace[]): Promise<(ReferenceRow | null)[]> {
    const values = await this.#store.getMany(places.map(referenceKey))
    return values.map((value) => (value === undefined ? null : decodeRow(value)))
  }

  /** At most `limit` rows of a status (null: any) from a place on, and the place of the next ones. */
  async list(
    ledgerNumber: number,
    status: ReferenceStatus | null,
    start: { seq: number; index: number },
    limit: number
  ): Promise<{ found: { place: ReferencePlace; row: ReferenceRow }[]; next: ReferencePlace | null }> {
    const found: { place: ReferencePlace; row: ReferenceRow }[] = []
    const range = {
      gte: referenceKey({ ledgerNumber, ...start }),
      lt: referenceRange(ledgerNumber, 0, SEQ_END).lt
    }
    for await (const chunk of chunks(this.#store, range, CHUNK))
      for (const [key, value] of chunk) {
        const [place, row] = [placeOfReference(key)!, decodeRow(value)]
        if (status !== null && row.status !== status) continue
        if (found.length === limit) return { found, next: place }
        found.push({ place, row })
      }
    return { found, next: null }
  }

  /** In one batch, so that progress is never stored without its results. */
  async write(
    changes: readonly ReferenceChange[],
    looked: { ledgerNumber: number; size: number } | null
  ): Promise<void> {
    const ops = changes.flatMap(opsOf)
    if (looked !== null) ops.push(putLooked(looked.ledgerNumber, looked.size))
    if (ops.length === 0) return
    await this.#store.write(ops, { sync: false })
    for (const { place, reference, before, after } of changes) {
      const counts = this.#countsOf(place.ledgerNumber)
      if (before !== null) counts[before.status]--
      if (after !== null) counts[after.status]++
      this.#count(reference.ledgerId, Number(waits(after)) - Number(waits(before)))
    }
  }

  /** Deletes the references of a ledger from entry `size` on, because these entries were removed. */
  async trim(ledgerNumber: number, size: number): Promise<void> {
    await this.#eachWait(async (keys) => {
      const gone = keys.filter((key) => {
        const place = placeOfWait(key)
        return place.ledgerNumber === ledgerNumber && place.seq >= size
      })
      await this.#delete(gone)
      for (const key of gone) this.#count(ledgerOfWait(key), -1)
    })
    const counts = this.#countsOf(ledgerNumber)
    for await (const chunk of chunks(this.#store, referenceRange(ledgerNumber, size, SEQ_END), CHUNK)) {
      await this.#delete(chunk.map(([key]) => key))
      for (const [, value] of chunk) counts[decodeRow(value).status]--
    }
    if (size < (await this.looked(ledgerNumber))) await this.putLooked(ledgerNumber, size)
  }

  /** The ledger is no longer held; its rows were deleted with it. */
  async forget(ledgerNumber: number): Promise<void> {
    await this.trim(ledgerNumber, 0)
    await this.#delete([lookedKey(ledgerNumber)])
    this.#counts.delete(ledgerNumber)
  }

  async #eachWait(take: (keys: Buffer[]) => Promise<void>): Promise<void> {
    for await (const chunk of chunks(this.#store, familyRange('refWait'), CHUNK)) await take(chunk.map(([key]) => key))
  }

  async #delete(keys: readonly Buffer[]): Promise<void> {
    if (keys.length > 0)
      await this.#store.write(
        keys.map((key): Op => ({ type: 'del', key })),
        { sync: false }
      )
  }

  #countsOf(ledgerNumber: number): ReferenceCounts {
    let counts = this.#counts.get(ledgerNumber)
    if (counts === undefined)
      this.#counts.set(
        ledgerNumber,
        (counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as ReferenceCounts)
      )
    return counts
  }

  #count(ledger: LedgerId, more: number): void {
    const count = (this.#waits.get(ledger) ?? 0) + more
    if (count > 0) this.#waits.set(ledger, count)
    else this.#waits.delete(ledger)
  }
}

function opsOf({ place, reference, before, after }: ReferenceChange): Op[] {
  const key = referenceKey(place)
  const wait = waitKey(reference.ledgerId, reference.entryId, place)
  const ops: Op[] = [after === null ? { type: 'del', key } : { type: 'put', key, value: encodeRow(after) }]
  if (waits(after)) ops.push({ type: 'put', key: wait, value: EMPTY })
  else if (waits(before)) ops.push({ type: 'del', key: wait })
  return ops
}

function waits(row: ReferenceRow | null): boolean {
  return row !== null && isOpen(row)
}

function putLooked(ledgerNumber: number, size: number): Op {
  const value = Buffer.allocUnsafe(SEQ_BYTES)
  value.writeUIntBE(size, 0, SEQ_BYTES)
  return { type: 'put', key: lookedKey(ledgerNumber), value }
}
