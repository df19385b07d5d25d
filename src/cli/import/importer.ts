/**
 * Appends lines through a node. What resolves is taken; what refers to entries that are not held yet is parked until
 * they have arrived (from other ledgers by sync) and then sent again. Lines that refer to later lines of the same file
 * are sent behind those.
 */
import type { Json } from '../../core/canonical.js'
import { LedgermeshError, type ErrorCode } from '../../core/errors.js'
import { isReference } from '../../core/reference.js'
import type { LedgerClient, Notice } from '../../rpc/client.js'
import type { Outcome } from '../../rpc/client-message.js'
import type { ResultOf } from '../../rpc/method.js'
import type { Methods } from '../../rpc/methods/index.js'
import {
  BATCHES_IN_FLIGHT,
  BATCH_BYTES,
  BATCH_LINES,
  FILL_MS,
  MAX_HELD_BYTES,
  MAX_PARKED_BYTES,
  MAX_SENT_IDS,
  END_MS,
  RETRY_MS
} from './limits.js'
import { Parking, type Missing } from './parking.js'
import type { ImportLine } from './parse-line.js'
import { BoundedSet } from '../../core/bounded.js'

export interface ImportCounts {
  appended: number
  existing: number
  unresolved: number
  failed: number
}

export interface Problem {
  line: number
  id: string | null
  code: ErrorCode
  message: string
}

export interface ImporterOptions {
  client: LedgerClient
  ownLedger: string
  /** Lines that can be appended; what is wrong with others was reported by who gives them. */
  lines: AsyncIterator<ImportLine[]>
  /** Milliseconds without progress before what is left is appended unresolved; null: it is left out at once. */
  waitMs: number | null
  /** The end of the input may be far away: nothing is held back when no line comes. */
  live: boolean
  onProblem: (problem: Problem) => void
}

type Appended = Outcome<ResultOf<Methods['ledger.append']>>

/** Whole-node troubles: every other line would meet them too. Running the import again goes on where it ended. */
const FATAL: ReadonlySet<ErrorCode> = new Set([
  'NODE_UNREACHABLE',
  'CLOSED',
  'STORE_FAILED',
  'RESTORING',
  'INTERNAL',
  'PARSE_ERROR',
  'INVALID_REQUEST'
])

export class Importer {
  readonly counts: ImportCounts = { appended: 0, existing: 0, unresolved: 0, failed: 0 }
  readonly #options: ImporterOptions
  readonly #parking = new Parking()
  /**
   * Ids of the lines that were sent, the newest of them: what refers to one need not wait. Beyond the bound the node is
   * asked.
   */
  readonly #sent = new BoundedSet<string>(MAX_SENT_IDS)
  #ready: ImportLine[] = []
  /** When each batch under way was sent (in arrivals). */
  readonly #flying = new Set<{ since: number }>()
  #reading = false
  #exhausted = false
  #failure: unknown
  #progressAt = performance.now()
  #news = Promise.withResolvers<void>()

  constructor(options: ImporterOptions) {
    this.#options = options
  }

  get parked(): number {
    return this.#parking.size
  }

  /** Throws when the node fails as a whole, or the input does. */
  async run(): Promise<void> {
    const unsubscribe = await this.#options.client.subscribe({ ledger: '*' }, (notice) => this.#hear(notice))
    void this.#options.client.closed.then(() =>
      this.#fail(
        new LedgermeshError('NODE_UNREACHABLE', 'the node stopped answering; run the same import again to continue')
      )
    )
    let late = false
    for (;;) {
      if (this.#failure !== undefined) await this.#failed()
      this.#ready = this.#ready.concat(this.#parking.takeWoken())
      this.#read()
      const maySend = this.#ready.length > 0 && this.#flying.size < BATCHES_IN_FLIGHT
      if (maySend && (this.#ready.length >= BATCH_LINES || this.#exhausted || late)) {
        this.#send(this.#nextBatch(), false)
        late = false
      } else if (!this.#exhausted || this.#flying.size > 0) {
        const idle = this.#options.live && this.#parking.unasked > 0 && this.#flying.size === 0
        late = !(await this.#hearWithin(maySend || idle ? FILL_MS : null))
        if (late && idle) this.#parking.release(0) // no later line is coming: the node may hold what they refer to
      } else if (this.#parking.unasked > 0) this.#parking.release(0)
      else if (this.#parking.size === 0 || (await this.#giveUp())) break
    }
    await unsubscribe()
  }

  /** Nothing is under way and lines are left. True: they are left out. */
  async #giveUp(): Promise<boolean> {
    const { waitMs } = this.#options
    if (waitMs === null) {
      for (const { line, missing } of this.#parking.list())
        this.#report(line, new LedgermeshError('REFERENCE_UNRESOLVED', `not held here: ${show(missing)}`))
      return true
    }
    const left = this.#progressAt + waitMs - performance.now()
    if (left > 0) await this.#hearWithin(left)
    else {
      const hopeless = this.#parking.takeHopeless(this.#options.ownLedger)
      for (let at = 0; at < hopeless.length; at += BATCH_LINES) this.#send(hopeless.slice(at, at + BATCH_LINES), true)
    }
    return false
  }

  #nextBatch(): ImportLine[] {
    let bytes = 0
    let count = 0
    while (count < BATCH_LINES && count < this.#ready.length && bytes < BATCH_BYTES) {
      const line = this.#ready[count++]!
      bytes += line.bytes
      this.#sent.add(line.params.id)
      this.#parking.sent({ ledgerId: this.#options.ownLedger, entryId: line.params.id })
      for (const woken of this.#parking.takeWoken()) this.#ready.push(woken)
    }
    return this.#ready.splice(0, count)
  }

  /**
   * A line that refers to an own entry which was not sent is held back: it may be in a later line. The node is asked
   * when too much is held.
   */
  #admit(lines: ImportLine[]): void {
    const { ownLedger } = this.#options
    for (const line of lines) {
      const later = (line.params.references ?? []).filter(
        ({ ledgerId, entryId }) => ledgerId === ownLedger && entryId !== line.params.id && !this.#sent.has(entryId)
      )
      if (later.length > 0) this.#parking.hold(line, later)
      else {
        this.#ready.push(line)
        this.#sent.add(line.params.id) // before whatever is admitted after it
      }
    }
    if (this.#parking.unaskedBytes > MAX_HELD_BYTES) this.#parking.release(MAX_HELD_BYTES / 2)
  }

  /** Keeps lines at hand; one read at a time. */
  #read(): void {
    if (this.#reading || this.#exhausted || this.#ready.length >= BATCH_LINES) return
    this.#reading = true
    this.#options.lines
      .next()
      .then(({ done, value }) => {
        this.#reading = false
        if (done === true) this.#exhausted = true
        else this.#admit(value)
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#news.resolve())
  }

  /** Sends nothing more: `run` rejects with INTERRUPTED when what is under way has been answered. */
  interrupt(): void {
    this.#fail(new LedgermeshError('INTERRUPTED', 'the import was interrupted'))
  }

  /** What is under way counts too. */
  async #failed(): Promise<never> {
    const deadline = performance.now() + END_MS
    while (this.#flying.size > 0 && performance.now() < deadline) await this.#hearWithin(deadline - performance.now())
    throw this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#news.resolve()
  }

  #send(batch: ImportLine[], allowUnresolved: boolean): void {
    const flight = { since: this.#parking.now }
    this.#flying.add(flight)
    this.#append(batch, flight.since, allowUnresolved)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#flying.delete(flight)
        this.#forget()
        this.#news.resolve()
      })
  }

  async #append(batch: ImportLine[], since: number, allowUnresolved: boolean): Promise<void> {
    const calls = batch.map(({ params }) => ({
      method: 'ledger.append' as const,
      params: allowUnresolved ? { ...params, allowUnresolved } : params
    }))
    const outcomes = await this.#options.client.batch(calls)
    const again: ImportLine[] = []
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.error?.code === 'OVERLOADED') again.push(batch[index]!)
      else this.#count(batch[index]!, outcome, since)
    }
    if (this.#parking.bytes > MAX_PARKED_BYTES) {
      throw new LedgermeshError(
        'TOO_LARGE',
        `${this.#parking.size} lines wait for entries that are not held here: follow the ledgers that they refer to, or import a part of the file first`
      )
    }
    if (again.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    this.#ready = this.#ready.concat(again)
  }

  #count(line: ImportLine, { result, error }: Appended, since: number): void {
    if (error === undefined) {
      this.counts[result.existing ? 'existing' : 'appended']++
      this.#noteUnresolved(line, result.entry.meta.crossLedgerRefs)
      this.#progressAt = performance.now()
      this.#parking.arrive({ ledgerId: this.#options.ownLedger, entryId: line.params.id })
    } else if (error.code === 'REFERENCE_UNRESOLVED') this.#parking.park(line, missingOf(error, line), since)
    else if (FATAL.has(error.code)) throw error
    else this.#report(line, error)
  }

  /** Only what was appended with allowUnresolved, now or in an earlier run, has such references. */
  #noteUnresolved(line: ImportLine, references: Json | undefined): void {
    if (!Array.isArray(references)) return
    const missing: Missing[] = references.flatMap((reference) =>
      isReference(reference) && reference.entryHash === null ? [reference] : []
    )
    if (missing.length === 0) return
    this.counts.unresolved++
    this.#options.onProblem({
      line: line.number,
      id: line.params.id,
      code: 'REFERENCE_UNRESOLVED',
      message: `appended without the hash of ${show(missing)}`
    })
  }

  #report(line: ImportLine, { code, message }: LedgermeshError): void {
    this.counts.failed++
    this.#options.onProblem({ line: line.number, id: line.params.id, code, message })
  }

  #hear(notice: Notice): void {
    if ('overflow' in notice) this.#parking.wakeAll()
    else {
      if (this.#parking.waitsFor(notice.ledger)) this.#progressAt = performance.now()
      for (const { id } of notice.entries) this.#parking.arrive({ ledgerId: notice.ledger, entryId: id })
      this.#forget()
    }
    this.#news.resolve()
  }

  #forget(): void {
    this.#parking.forget(Math.min(this.#parking.now, ...[...this.#flying].map(({ since }) => since)))
  }

  /** False: no news within so many ms (null: however long it takes). */
  async #hearWithin(ms: number | null): Promise<boolean> {
    let heard = true
    const timer =
      ms === null
        ? undefined
        : setTimeout(() => {
            heard = false
            this.#news.resolve()
          }, ms)
    await this.#news.promise
    clearTimeout(timer)
    this.#news = Promise.withResolvers()
    return heard
  }
}

/** What the node said is missing; where it does not say, all that the line refers to. */
function missingOf({ details }: LedgermeshError, { params }: ImportLine): Missing[] {
  const missing = details?.missing
  return Array.isArray(missing) && missing.length > 0 ? (missing as Missing[]) : (params.references ?? [])
}

function show(missing: Missing[]): string {
  const named = missing
    .slice(0, 3)
    .map(({ ledgerId, entryId }) => `${entryId} (ledger ${ledgerId.slice(0, 12)}…)`)
    .join(', ')
  return missing.length > 3 ? `${named} and ${missing.length - 3} more` : named
}
