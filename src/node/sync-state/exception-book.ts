/**
 * Exceptions from watermarks: entries that a remote refused, or that could not be adopted from one. One batch for a row
 * and its indexes, bounded for each flow.
 */
import type { Hash } from '../../core/hash.js'
import { Mutex } from '../../core/mutex.js'
import type { Clock } from '../../ports.js'
import { chunks } from '../../store/chunks.js'
import {
  byStatusRange,
  checkOf,
  decodeException,
  dueRange,
  EXCEPTION_STATUSES,
  exceptionKey,
  exceptionOps,
  readDue,
  type ExceptionRow,
  type ExceptionStatus,
  type FlowPlace
} from '../../store/exception-rows.js'
import { dropExceptionsOfRemote } from '../../store/drop-exceptions.js'
import { FAMILY, seqOf } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { codeOfNumber, isPermanent, numberOfCode, type ExceptionCode } from '../../sync/exceptions/codes.js'
import { exceptionPause, MAX_EXCEPTIONS } from '../../sync/exceptions/limits.js'

export interface Exception extends Omit<ExceptionRow, 'code'> {
  seq: number
  code: ExceptionCode
}

/** A change of an entry's row. */
export interface Deviation {
  seq: number
  hash: Hash
  status: ExceptionStatus
  code: ExceptionCode
  /** It is retried only on request. */
  byHand?: true
}

export type Counts = Record<ExceptionStatus, number>

export interface ExceptionBookInit {
  store: Store
  clock: Clock
  /** The first retry has changed, or is sooner. */
  onDue: () => void
}

/** Rows read or written in one step. */
const CHUNK = 1024
const NONE: Counts = { pending: 0, conflict: 0, failed: 0 }

export class ExceptionBook {
  readonly #init: ExceptionBookInit
  /** Counts of requested flows; counted once, then maintained. */
  readonly #counts = new Map<string, Counts>()
  readonly #writing = new Mutex()

  constructor(init: ExceptionBookInit) {
    this.#init = init
  }

  /**
   * Notes each entry as an exception, after one more attempt. Final codes are not kept: such an entry is done. Returns
   * how many found no room.
   */
  async note(place: FlowPlace, deviations: readonly Deviation[]): Promise<number> {
    let left = 0
    const kept = deviations.filter(({ code }) => !isPermanent(code))
    for (let index = 0; index < kept.length; index += CHUNK)
      left += await this.#writing.run(async () => await this.#note(place, kept.slice(index, index + CHUNK)))
    if (kept.length > 0) this.#init.onDue()
    return left
  }

  /** Marks entries from ≤ seq < to as done, whatever their earlier status. Returns how many had one. */
  async settle(place: FlowPlace, from: number, to: number): Promise<number> {
    return await this.#change(place, from, to, EXCEPTION_STATUSES, () => null)
  }

  /** Marks these entries as done. It costs one read of their rows, and most have none. */
  async settleEach(place: FlowPlace, seqs: readonly number[]): Promise<void> {
    for (let index = 0; index < seqs.length; index += CHUNK)
      await this.#writing.run(async () => {
        const { store } = this.#init
        const counts = { ...(await this.#countsOf(place)) }
        const chunk = seqs.slice(index, index + CHUNK)
        const found = await store.getMany(chunk.map((seq) => exceptionKey(place, seq)))
        const ops = chunk.flatMap((seq, i): Op[] => {
          if (found[i] === undefined) return []
          const row = decodeException(found[i])
          if (row !== null) counts[row.status]--
          return exceptionOps(place, seq, row, null)
        })
        if (ops.length === 0) return
        await store.write(ops, { sync: false })
        this.#counts.set(nameOf(place), counts)
      })
  }

  /** Retries the entries of these statuses now. Returns how many. */
  async retry(place: FlowPlace, from: number, to: number): Promise<number> {
    const now = this.#init.clock.now()
    const count = await this.#change(place, from, to, EXCEPTION_STATUSES, (row) => ({
      ...row,
      attempts: 0,
      next: now,
      updated: now
    }))
    if (count > 0) this.#init.onDue()
    return count
  }

  /** Rows at these places, in their order; null: there is none. */
  async at(place: FlowPlace, seqs: readonly number[]): Promise<(Exception | null)[]> {
    const rows = await this.#rows(place, seqs)
    return rows.map((row, i) => (row === null ? null : { ...row, seq: seqs[i]!, code: codeOfNumber(row.code) }))
  }

  /** The first seqs of a status, from ≤ seq. */
  async seqs(place: FlowPlace, status: ExceptionStatus, from: number, limit: number): Promise<number[]> {
    return (await this.#init.store.keys({ ...byStatusRange(place, status, from), limit })).map(seqOf)
  }

  async counts(place: FlowPlace): Promise<Counts> {
    return await this.#writing.run(async () => ({ ...(await this.#countsOf(place)) }))
  }

  /** Is there no room for more exceptions? */
  async isFull(place: FlowPlace): Promise<boolean> {
    return total(await this.counts(place)) >= MAX_EXCEPTIONS
  }

  /** Removes the flows of a removed remote. */
  async forget(remote: number): Promise<void> {
    await this.#writing.run(async () => {
      await dropExceptionsOfRemote(this.#init.store, remote)
      this.#counts.clear()
    })
  }

  /** A ledger was removed, and its rows with it. */
  forgotten(): void {
    this.#counts.clear()
  }

  /**
   * The flows of due entries, which the caller tries once: pushed entries become due again later, pulled ones on
   * request. At most this many entries.
   */
  async takeDue(limit: number): Promise<FlowPlace[]> {
    return await this.#writing.run(async () => {
      const { store, clock } = this.#init
      const now = clock.now()
      const due = await store.keys({ ...dueRange(now), limit })
      const flows = new Map<string, FlowPlace>()
      const ops: Op[] = []
      for (const key of due) {
        const found = readDue(key)
        const row = found === null ? null : await this.#row(found.place, found.seq)
        ops.push({ type: 'del', key })
        if (found === null || row?.next !== found.next) continue
        flows.set(nameOf(found.place), found.place)
        const next = found.place.direction === 'outbound' ? now + exceptionPause(row.attempts) : null
        ops.push(...exceptionOps(found.place, found.seq, row, { ...row, next }))
      }
      if (ops.length > 0) await store.write(ops, { sync: false })
      return [...flows.values()]
    })
  }

  /** Time of the next due entry, ms since the epoch; null: none. */
  async nextDue(): Promise<number | null> {
    const { store } = this.#init
    const [key] = await store.keys({ gte: Buffer.of(FAMILY.syncDue), lt: Buffer.of(FAMILY.syncDue + 1), limit: 1 })
    return key === undefined ? null : (readDue(key)?.next ?? 0)
  }

  async #note(place: FlowPlace, deviations: readonly Deviation[]): Promise<number> {
    const { store, clock } = this.#init
    const now = clock.now()
    const counts = { ...(await this.#countsOf(place)) }
    const ops: Op[] = []
    let left = 0
    const found = await this.#rows(
      place,
      deviations.map(({ seq }) => seq)
    )
    for (const [i, { seq, hash, status, code, byHand }] of deviations.entries()) {
      const stored = found[i] ?? null
      const before = stored?.check === checkOf(hash) ? stored : null
      if (stored === null && total(counts) >= MAX_EXCEPTIONS) {
        left++
        continue
      }
      if (stored !== null) counts[stored.status]--
      counts[status]++
      const attempts = (before?.attempts ?? 0) + 1
      ops.push(
        ...exceptionOps(place, seq, stored, {
          status,
          code: numberOfCode(code),
          attempts,
          last: now,
          next: byHand === true ? null : now + exceptionPause(attempts - 1),
          created: before?.created ?? now,
          updated: now,
          check: checkOf(hash)
        })
      )
    }
    if (ops.length > 0) await store.write(ops, { sync: false })
    this.#counts.set(nameOf(place), counts)
    return left
  }

  /** `to`: the new value of a row; null: it is deleted. */
  async #change(
    place: FlowPlace,
    from: number,
    to: number,
    statuses: readonly ExceptionStatus[],
    after: (row: ExceptionRow) => ExceptionRow | null
  ): Promise<number> {
    return await this.#writing.run(async () => {
      const { store } = this.#init
      const counts = { ...(await this.#countsOf(place)) }
      let count = 0
      for (const status of statuses) {
        if (counts[status] === 0) continue
        const { gte } = byStatusRange(place, status, from)
        const { gte: lt } = byStatusRange(place, status, to)
        for await (const chunk of chunks(store, { gte, lt }, CHUNK)) {
          const ops: Op[] = []
          const seqs = chunk.map(([key]) => seqOf(key))
          const rows = await this.#rows(place, seqs)
          for (const [i, [key]] of chunk.entries()) {
            const [seq, row] = [seqs[i]!, rows[i] ?? null]
            const made = row === null ? null : after(row)
            ops.push({ type: 'del', key }, ...exceptionOps(place, seq, row, made))
            if (made === null) counts[status]--
            count++
          }
          await store.write(ops, { sync: false })
        }
      }
      this.#counts.set(nameOf(place), counts)
      return count
    })
  }

  async #row(place: FlowPlace, seq: number): Promise<ExceptionRow | null> {
    const [row = null] = await this.#rows(place, [seq])
    return row
  }

  /** Rows at these places, in their order, from one read; null: there is none that can be read. */
  async #rows(place: FlowPlace, seqs: readonly number[]): Promise<(ExceptionRow | null)[]> {
    const values = await this.#init.store.getMany(seqs.map((seq) => exceptionKey(place, seq)))
    return values.map((value) => (value === undefined ? null : decodeException(value)))
  }

  async #countsOf(place: FlowPlace): Promise<Counts> {
    const known = this.#counts.get(nameOf(place))
    if (known !== undefined) return known
    const counts = { ...NONE }
    for (const status of EXCEPTION_STATUSES)
      for await (const chunk of chunks(this.#init.store, byStatusRange(place, status), CHUNK))
        counts[status] += chunk.length
    this.#counts.set(nameOf(place), counts)
    return counts
  }
}

function nameOf({ ledgerNumber, direction, remote }: FlowPlace): string {
  return `${ledgerNumber} ${direction} ${remote}`
}

function total({ pending, conflict, failed }: Counts): number {
  return pending + conflict + failed
}
