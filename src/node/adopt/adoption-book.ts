/** The stored state of each source of copies. A row outlives the mirror of its source, because the copies do. */
import { isInteger, isObject } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { parseText } from '../../core/canonical.js'
import { isCoded } from '../../core/errors.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import { familyRange, ledgerRange, SEQ_END, seqKey, seqOf, seqRange, textKey, textOf } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import type { AdoptionBook } from '../../sync/adopt/ports.js'
import type { AdoptionRow } from '../../sync/adopt/types.js'
import { EMPTY } from '../../store/posting.js'

export interface StoredAdoptionsInit {
  store: Store
  ledgers: Pick<Ledgers, 'get'>
  log: Log
}

export class StoredAdoptions implements AdoptionBook {
  readonly #init: StoredAdoptionsInit
  readonly #rows = new Map<LedgerId, AdoptionRow>()

  private constructor(init: StoredAdoptionsInit) {
    this.#init = init
  }

  /** A row that cannot be read counts as absent: its source is processed again when it is adopted. */
  static async load(init: StoredAdoptionsInit): Promise<StoredAdoptions> {
    const book = new StoredAdoptions(init)
    for (const [key, value] of await init.store.all(familyRange('adoption'))) {
      const row = readRow(value)
      if (row !== null) book.#rows.set(textOf(key), row)
      else
        init.log.error(
          { event: 'adopt.row-unreadable', ledger: textOf(key) },
          'what was adopted of a ledger cannot be read: it is gone through again'
        )
    }
    return book
  }

  get(source: LedgerId): AdoptionRow | null {
    return this.#rows.get(source) ?? null
  }
  /** All ledgers that have copies here, or may have. */
  list(): LedgerId[] {
    return [...this.#rows.keys()].sort()
  }

  async put(
    source: LedgerId,
    row: AdoptionRow,
    { add, drop }: { add: readonly number[]; drop: readonly number[] }
  ): Promise<void> {
    const { store, ledgers } = this.#init
    const n = ledgers.get(source)?.ledgerNumber
    const ops: Op[] = [{ type: 'put', key: textKey('adoption', source), value: Buffer.from(JSON.stringify(row)) }]
    if (n !== undefined) {
      for (const seq of add) ops.push({ type: 'put', key: seqKey('awaited', n, seq), value: EMPTY })
      for (const seq of drop) ops.push({ type: 'del', key: seqKey('awaited', n, seq) })
    }
    await store.write(ops, { sync: false })
    this.#rows.set(source, row)
  }

  async waiting(source: LedgerId, from: number, limit: number): Promise<number[]> {
    const n = this.#init.ledgers.get(source)?.ledgerNumber
    if (n === undefined) return []
    return (await this.#init.store.keys({ ...seqRange('awaited', n, from, SEQ_END), limit })).map(seqOf)
  }

  async areWaiting(source: LedgerId, seqs: readonly number[]): Promise<number[]> {
    const n = this.#init.ledgers.get(source)?.ledgerNumber
    if (n === undefined || seqs.length === 0) return []
    const rows = await this.#init.store.getMany(seqs.map((seq) => seqKey('awaited', n, seq)))
    return seqs.filter((_, i) => rows[i] !== undefined)
  }

  async forgetWaiting(source: LedgerId): Promise<void> {
    const n = this.#init.ledgers.get(source)?.ledgerNumber
    if (n !== undefined) await this.#init.store.clear(ledgerRange('awaited', n))
  }
}

/** null: not a valid row. */
function readRow(value: Buffer): AdoptionRow | null {
  let row: unknown
  try {
    row = parseText(value.toString())
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
  if (!isObject(row)) return null
  const { start, wanted, adopted, erased, counts, refused, others, day } = row
  const isRow =
    (start === null || isCount(start)) &&
    typeof wanted === 'string' &&
    isPlace(adopted) &&
    isPlace(erased) &&
    isObject(counts) &&
    isCount(counts.copies) &&
    isCount(counts.waiting) &&
    areCounts(counts.skipped) &&
    areCounts(counts.refused) &&
    Array.isArray(refused) &&
    refused.every(
      (one) => isObject(one) && isCount(one.seq) && typeof one.id === 'string' && typeof one.code === 'string'
    ) &&
    areCounts(others) &&
    isObject(day) &&
    [day.since, day.entries, day.bytes].every(isCount)
  return isRow ? (row as unknown as AdoptionRow) : null
}

function isCount(value: unknown): boolean {
  return isInteger(value, Number.MAX_SAFE_INTEGER)
}
function areCounts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isCount)
}
function isPlace(value: unknown): boolean {
  return isObject(value) && isCount(value.at) && (value.below === null || isHash(value.below))
}
