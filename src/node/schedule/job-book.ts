/**
 * The history of each job, which is a ledger pulled from or pushed to a remote: its newest changes, some of them on the
 * disk.
 */
import type { JsonObject } from '../../core/canonical.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { JOB_HISTORY, JOB_HISTORY_KEPT } from '../../sync/schedule/limits.js'
import type { JobChange, JobState } from '../api/jobs.js'
import { JOB_STATES } from '../api/jobs.js'
import { TextRows, type TextRowsInit } from './text-rows.js'

/** A ledger that is pulled from any peer (in), or offered to a remote (out). */
export interface JobPlace {
  direction: 'in' | 'out'
  ledger: LedgerId
  remote: LedgerId
}

export class JobBook {
  readonly #rows: TextRows
  readonly #histories = new Map<string, JobChange[]>()

  private constructor(init: TextRowsInit) {
    this.#rows = new TextRows(init, 'job')
  }

  static async load(init: TextRowsInit): Promise<JobBook> {
    const book = new JobBook(init)
    for (const [key, row] of await book.#rows.load()) {
      const changes = placeOf(key) === null ? null : readChanges(row)
      if (changes === null)
        init.log.error({ event: 'job.unreadable', key }, 'the history of a job cannot be read; it begins anew')
      else book.#histories.set(key, changes)
    }
    return book
  }

  historyOf(place: JobPlace): readonly JobChange[] {
    return this.#histories.get(keyOf(place)) ?? []
  }

  /** Notes the state if it has changed. */
  note(place: JobPlace, state: JobState, code: string | null, at: number): boolean {
    const key = keyOf(place)
    const history = this.#histories.get(key) ?? []
    const last = history.at(-1)
    if (last?.to === state && last.code === code) return false
    history.push({ at, from: last?.to ?? null, to: state, code })
    if (history.length > JOB_HISTORY) history.shift()
    this.#histories.set(key, history)
    this.#rows.put(key, { changes: history.slice(-JOB_HISTORY_KEPT).map((change) => ({ ...change })) })
    return true
  }

  /** Forgets jobs that no longer exist. */
  keep(places: readonly JobPlace[]): void {
    const kept = new Set(places.map(keyOf))
    for (const key of this.#histories.keys()) {
      if (kept.has(key)) continue
      this.#histories.delete(key)
      this.#rows.put(key, null)
    }
  }

  /** Waits for what is being written. */
  async idle(): Promise<void> {
    await this.#rows.idle()
  }
}

function keyOf({ direction, ledger, remote }: JobPlace): string {
  return `${direction}\0${ledger}\0${remote}`
}

/** null: it is no key. */
function placeOf(key: string): JobPlace | null {
  const [direction, ledger, remote] = key.split('\0')
  return (direction === 'in' || direction === 'out') && isLedgerId(ledger) && isLedgerId(remote)
    ? { direction, ledger, remote }
    : null
}

/** null: these are none. */
function readChanges({ changes }: JsonObject): JobChange[] | null {
  if (!Array.isArray(changes) || changes.length > JOB_HISTORY_KEPT) return null
  const read = changes.flatMap((change): JobChange[] => {
    if (!isObject(change)) return []
    const { at, from, to, code } = change as JsonObject
    return isInteger(at, Number.MAX_SAFE_INTEGER) &&
      (from === null || isState(from)) &&
      isState(to) &&
      (code === null || (typeof code === 'string' && /^[A-Z_]{1,32}$/.test(code)))
      ? [{ at, from, to, code }]
      : []
  })
  return read.length === changes.length ? read : null
}

function isState(state: unknown): state is JobState {
  return JOB_STATES.includes(state as JobState)
}
