/**
 * The sync state of each entry with each remote: a view over watermarks and exceptions, so that its cost grows with the
 * rows requested, not with entries × remotes.
 */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import { storedAt } from '../../ledger/claims/stored-at.js'
import type { Ledger } from '../../ledger/ledger.js'
import { SEQ_END } from '../../store/keys.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import type { Store } from '../../store/store.js'
import { STATE_STATUSES } from '../../sync/exceptions/state.js'
import type { StateChoice, SyncState, SyncStateFilter, SyncStateRow } from '../api/push.js'
import type { ExceptionBook } from './exception-book.js'
import { stateSentence } from './sentences.js'
import { placeOf, type StateFlow } from './state-flow.js'
import { pageOf, rowsAt, voidedRows, type FoundRow, type PageSources } from './state-page.js'

const CHOICE: Members<StateChoice> = { remote: true, ledger: true, direction: true, entry: true }
const FILTER: Members<SyncStateFilter> = { ...CHOICE, status: true, limit: true, cursor: true }
const DEFAULT_ROWS = 100
const MAX_ROWS = 1_000
const CURSOR = /^(b[a-z2-7]{52})\.(b[a-z2-7]{52})\.(inbound|outbound)\.(\d{1,15})$/

export interface StateApiInit extends Omit<PageSources, 'book'> {
  book: ExceptionBook
  store: Store
  ledgerOf: (id: LedgerId) => Ledger | undefined
  /** Every ledger that is pulled from or pushed to a remote. */
  flows: () => StateFlow[]
  /** Called when exceptions are to be retried now. */
  again: (flow: FlowPlace) => void
}

export class StateApi {
  readonly #init: StateApiInit

  constructor(init: StateApiInit) {
    this.#init = init
  }

  /** Rows by remote, then by ledger and direction, then by seq. Throws INVALID_PARAMS, CURSOR_INVALID. */
  async page(given: SyncStateFilter): Promise<SyncState> {
    const filter = readOptions(given, FILTER, 'filter')
    const { limit = DEFAULT_ROWS, status, entry } = filter
    if (!isInteger(limit, MAX_ROWS) || limit === 0)
      throw new LedgermeshError('INVALID_PARAMS', `limit is 1 to ${MAX_ROWS}`)
    if (status !== undefined && !STATE_STATUSES.includes(status))
      throw new LedgermeshError('INVALID_PARAMS', `status is one of ${STATE_STATUSES.join(', ')}`)
    const after = readCursor(filter.cursor)
    const rows: SyncStateRow[] = []
    for (const flow of this.#chosen(filter)) {
      const place = placeOf(flow)
      if (place < after.place) continue
      const from = place === after.place ? after.seq : 0
      const ledger = this.#init.ledgerOf(flow.ledger)!
      if (rows.length === limit) return more(rows, flow, from)
      const { rows: found, next } =
        entry === undefined
          ? await pageOf(this.#init, flow, ledger, { status, from, limit: limit - rows.length })
          : await this.#one(flow, ledger, entry, from, status)
      for (const one of found) rows.push(await this.#row(flow, one))
      if (next !== null) return more(rows, flow, next)
    }
    return { rows, nextCursor: null, hasMore: false }
  }

  /** Retries matching entries; returns how many. */
  async retry(given: StateChoice): Promise<number> {
    return await this.#each(given, async (flow, from, to) => {
      const count = await this.#init.book.retry(flow.place, from, to)
      this.#init.again(flow.place)
      return count
    })
  }

  /** Marks matching entries as done; returns how many. */
  async clear(given: StateChoice): Promise<number> {
    return await this.#each(given, async ({ place }, from, to) => await this.#init.book.settle(place, from, to))
  }

  async #each(
    given: StateChoice,
    act: (flow: StateFlow, from: number, to: number) => Promise<number>
  ): Promise<number> {
    const choice = readOptions(given, CHOICE, 'filter')
    let count = 0
    for (const flow of this.#chosen(choice)) {
      const seq = choice.entry === undefined ? 0 : await seqOf(this.#init.ledgerOf(flow.ledger)!, choice.entry)
      if (seq !== null) count += await act(flow, seq, choice.entry === undefined ? SEQ_END : seq + 1)
    }
    return count
  }

  #chosen({ remote, ledger, direction }: StateChoice): StateFlow[] {
    for (const id of [remote, ledger])
      if (id !== undefined && !isLedgerId(id))
        throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
    if (direction !== undefined && direction !== 'inbound' && direction !== 'outbound')
      throw new LedgermeshError('INVALID_PARAMS', 'direction is inbound or outbound')
    return this.#init
      .flows()
      .filter(
        (flow) =>
          this.#init.ledgerOf(flow.ledger) !== undefined &&
          (remote === undefined || flow.remote === remote) &&
          (ledger === undefined || flow.ledger === ledger) &&
          (direction === undefined || flow.place.direction === direction)
      )
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  }

  async #one(
    flow: StateFlow,
    ledger: Ledger,
    entry: string,
    from: number,
    status: SyncStateFilter['status']
  ): Promise<{ rows: FoundRow[]; next: null }> {
    const seq = await seqOf(ledger, entry)
    const held = seq === null || seq < from ? [] : await rowsAt(this.#init, flow, ledger, [seq])
    const voided = from > 0 || status === 'synced' ? [] : await voidedRows(this.#init, flow)
    const rows = [...held, ...voided.filter((row) => [row.entry.hash, row.entry.header.id].includes(entry))]
    return { rows: rows.filter((row) => status === undefined || row.status === status), next: null }
  }

  async #row({ ledger, remote, place }: StateFlow, row: FoundRow): Promise<SyncStateRow> {
    const { entry, status, code, conflicts, attempts, last, next } = row
    const { id, seq } = entry.header
    const created = row.created ?? (await storedAt(this.#init.store, place.ledgerNumber, seq)) ?? 0
    return {
      id: `${ledger}:${id}`,
      remote,
      ledger,
      seq,
      entryId: id,
      entryHash: entry.hash,
      direction: place.direction,
      status,
      code,
      error: code === null ? null : stateSentence(code),
      conflicts,
      attempts,
      lastAttempt: last,
      nextAttempt: next,
      createdAt: created,
      updatedAt: row.updated ?? Math.max(created, last ?? 0)
    }
  }
}

async function seqOf({ reader, size }: Ledger, entry: string): Promise<number | null> {
  return isHash(entry) ? await reader.seqOfHash(entry, size) : await reader.seqOfId(entry, size)
}

function more(rows: SyncStateRow[], { remote, ledger, place }: StateFlow, seq: number): SyncState {
  return { rows, nextCursor: `${remote}.${ledger}.${place.direction}.${seq}`, hasMore: true }
}

function readCursor(cursor: string | undefined): { place: string; seq: number } {
  if (cursor === undefined) return { place: '', seq: 0 }
  const [, remote, ledger, direction, seq] = CURSOR.exec(cursor) ?? []
  if (seq === undefined) throw new LedgermeshError('CURSOR_INVALID', 'not a cursor of this node')
  return { place: `${remote!} ${ledger!} ${direction!}`, seq: Number(seq) }
}
