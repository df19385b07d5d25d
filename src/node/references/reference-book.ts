/** The statuses of references, on the disk; the counts per status, in memory. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference } from '../../core/reference.js'
import { chunks } from '../../store/chunks.js'
import { familyRange, ledgerRange, SEQ_BYTES, SEQ_END } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import {
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

/** A reference that waits for its target, and its key: where a later read goes on. */
export interface WaitingReference {
  key: Buffer
  place: ReferencePlace
}

/** Rows read or deleted together. */
const CHUNK = 1024
/** Comes right after a key and before any longer one. */
const NUL = Buffer.of(0)

export class ReferenceBook {
  readonly #store: Store
  /** Of tracked ledgers, by number. How many references wait is not counted: their targets may be anyone's. */
  readonly #counts = new Map<number, ReferenceCounts>()

  constructor(store: Store) {
    this.#store = store
  }

  /** Reads the rows of the ledgers with these numbers. */
  async load(numbers: Iterable<number>): Promise<void> {
    for (const ledgerNumber of numbers) {
      const counts = this.#countsOf(ledgerNumber)
      for await (const chunk of chunks(this.#store, ledgerRange('refState', ledgerNumber), CHUNK))
        for (const [key, value] of chunk) if (placeOfReference(key) !== null) counts[decodeRow(value).status]++
    }
  }

  /** Number of processed entries. */
  async looked(ledgerNumber: number): Promise<number> {
    const value = await this.#store.get(lookedKey(ledgerNumber))
    return value?.length === SEQ_BYTES ? value.readUIntBE(0, SEQ_BYTES) : 0
  }

  /** By ledger number. */
  async putLooked(sizes: ReadonlyMap<number, number>): Promise<void> {
    await this.#write([...sizes].map(([ledgerNumber, size]) => putLooked(ledgerNumber, size)))
  }

  counts(ledgerNumber: number): Readonly<ReferenceCounts> {
    return { ...this.#countsOf(ledgerNumber) }
  }

  /** Does any reference wait for an entry of the ledger? */
  async isAwaited(ledger: LedgerId): Promise<boolean> {
    return (await this.#store.keys({ ...waitRange(ledger), limit: 1 })).length > 0
  }

  /** References that wait for entries of a ledger, or for those with an id, by entry id; from behind the key `after`. */
  async *waiting(
    ledger: LedgerId,
    { entryId, after }: { entryId?: string | undefined; after?: Buffer | null | undefined } = {}
  ): AsyncGenerator<WaitingReference[], void> {
    const range = waitRange(ledger, entryId)
    const gte = after == null ? range.gte : Buffer.concat([after, NUL])
    for await (const chunk of chunks(this.#store, { ...range, gte }, CHUNK))
      yield chunk.map(([key]) => ({ key, place: placeOfWait(key) }))
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

  /** At most `limit` rows of a status (null: any) from a place on, of at most `most` read; and the place of the next. */
  async list(
    ledgerNumber: number,
    status: ReferenceStatus | null,
    start: { seq: number; index: number },
    limit: number,
    most = Infinity
  ): Promise<{ found: { place: ReferencePlace; row: ReferenceRow }[]; next: ReferencePlace | null }> {
    const found: { place: ReferencePlace; row: ReferenceRow }[] = []
    const range = {
      gte: referenceKey({ ledgerNumber, ...start }),
      lt: referenceRange(ledgerNumber, 0, SEQ_END).lt
    }
    let read = 0
    for await (const chunk of chunks(this.#store, range, CHUNK))
      for (const [key, value] of chunk) {
        const place = placeOfReference(key)!
        if (read === most) return { found, next: place }
        read++
        const row = decodeRow(value)
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
    await this.#write(ops)
    for (const { place, before, after } of changes) {
      const counts = this.#countsOf(place.ledgerNumber)
      if (before !== null) counts[before.status]--
      if (after !== null) counts[after.status]++
    }
  }

  /** Deletes the references of ledgers, by number, from entry `size` on, because these entries were removed. */
  async trim(sizes: ReadonlyMap<number, number>): Promise<void> {
    if ([...sizes.keys()].some((ledgerNumber) => mayWait(this.#counts.get(ledgerNumber))))
      await this.#deleteWaits(({ ledgerNumber, seq }) => seq >= (sizes.get(ledgerNumber) ?? Infinity))
    for (const [ledgerNumber, size] of sizes) {
      const counts = this.#countsOf(ledgerNumber)
      for await (const chunk of chunks(this.#store, referenceRange(ledgerNumber, size, SEQ_END), CHUNK)) {
        await this.#write(chunk.map(([key]): Op => ({ type: 'del', key })))
        for (const [, value] of chunk) counts[decodeRow(value).status]--
      }
      if (size < (await this.looked(ledgerNumber))) await this.putLooked(new Map([[ledgerNumber, size]]))
    }
  }

  /** These ledgers are no longer held; their rows were deleted with them. */
  async forget(numbers: readonly number[]): Promise<void> {
    await this.trim(new Map(numbers.map((ledgerNumber) => [ledgerNumber, 0])))
    await this.#write(numbers.map((ledgerNumber): Op => ({ type: 'del', key: lookedKey(ledgerNumber) })))
    for (const ledgerNumber of numbers) this.#counts.delete(ledgerNumber)
  }

  /** Deletes all rows of the ledgers, held but not tracked; true: there were some. */
  async drop(numbers: readonly number[]): Promise<boolean> {
    const looked = await this.#store.getMany(numbers.map(lookedKey))
    const tracked = numbers.filter((_, i) => looked[i] !== undefined)
    for (const ledgerNumber of tracked) await this.#store.clear(ledgerRange('refState', ledgerNumber))
    return tracked.length > 0
  }

  /** Deletes rows behind the sizes of tracked ledgers, by number, and waiting references of all others: one pass. */
  async sweep(sizes: ReadonlyMap<number, number>): Promise<void> {
    await this.#deleteWaits(({ ledgerNumber, seq }) => seq >= (sizes.get(ledgerNumber) ?? 0))
    for (const [ledgerNumber, size] of sizes) await this.#store.clear(referenceRange(ledgerNumber, size, SEQ_END))
  }

  async #deleteWaits(isGone: (place: ReferencePlace) => boolean): Promise<void> {
    for await (const chunk of chunks(this.#store, familyRange('refWait'), CHUNK))
      await this.#write(chunk.filter(([key]) => isGone(placeOfWait(key))).map(([key]): Op => ({ type: 'del', key })))
  }

  async #write(ops: Op[]): Promise<void> {
    if (ops.length > 0) await this.#store.write(ops, { sync: false })
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
}

function opsOf({ place, reference, before, after }: ReferenceChange): Op[] {
  const key = referenceKey(place)
  const wait = waitKey(reference.ledgerId, reference.entryId, place)
  const ops: Op[] = [after === null ? { type: 'del', key } : { type: 'put', key, value: encodeRow(after) }]
  if (doesWait(after)) ops.push({ type: 'put', key: wait, value: EMPTY })
  else if (doesWait(before)) ops.push({ type: 'del', key: wait })
  return ops
}

/** Does a reference with this row wait for another target, or for more about its own? */
export function doesWait(row: ReferenceRow | null): boolean {
  return row !== null && isOpen(row)
}

function mayWait(counts: ReferenceCounts | undefined): boolean {
  return counts !== undefined && STATUSES.some((status) => status !== 'verified' && counts[status] > 0)
}

function putLooked(ledgerNumber: number, size: number): Op {
  const value = Buffer.allocUnsafe(SEQ_BYTES)
  value.writeUIntBE(size, 0, SEQ_BYTES)
  return { type: 'put', key: lookedKey(ledgerNumber), value }
}
