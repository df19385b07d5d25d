/** Queries across ledgers: chooses ledgers and peers, and makes an answer that says what it lacks. */
import { checkEntryFilter, type EntryFilter } from '../../core/entry-filter.js'
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { MAX_ANSWER_SOURCES } from '../../core/limits.js'
import { readOptions, type Members } from '../../core/options.js'
import type { AnswerFile, AnswerQuestion } from '../../core/verify-answer.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import { decodeCrossCursor, encodeCrossCursor, type CursorPlace } from '../../query/cursor.js'
import { DEFAULT_DEADLINE_MS, DEFAULT_LIMIT, MAX_DEADLINE_MS, MAX_LIMIT } from '../../query/limits.js'
import type { PlannedLedger, SourceReport, SourceState } from '../../query/types.js'
import type { AnsweredSource, CountQuestion, NetworkAnswer, NetworkCount, NetworkQuestion } from '../api/query.js'
import type { Candidates } from './candidates.js'
import type { LightBook } from './light-book.js'
import { QueryRun, type QueryOutcome, type QueryRunInit } from './query-run.js'

export interface CrossQueryInit {
  network: string
  ledgers: Ledgers
  /** The own ledger's trust in this one. */
  trustMilli: (ledger: LedgerId) => number
  /** All ledgers that this node knows of, held or not. */
  known: () => LedgerId[]
  isSynced: (ledger: LedgerId) => boolean
  candidates: Candidates
  light: LightBook
  /** The wall clock, and a monotonic one. */
  clock: Clock
  steady: Clock
  run: Pick<QueryRunInit, 'peers' | 'local' | 'stopping'>
}

/** Concurrent queries. */
const MAX_QUESTIONS = 16
/** Most pages read for a count. */
const MAX_COUNT_PAGES = 64
/** Most characters of an evidence file that comes with an answer. */
const MAX_EVIDENCE_CHARS = 64 * 1024
const SHOWN: ReadonlySet<SourceState> = new Set(['own', 'mirror', 'proved', 'included'])

const COUNT_QUESTION: Members<CountQuestion> = { filters: true, ledgers: true, minTrustMilli: true, deadlineMs: true }
const QUESTION: Members<NetworkQuestion> = {
  ...COUNT_QUESTION,
  order: true,
  limit: true,
  cursor: true,
  need: true,
  file: true
}

interface Selection {
  ledgers: LedgerId[]
  by: NetworkAnswer['selection']['by']
  left: number
}

export class CrossQuery {
  readonly #init: CrossQueryInit
  #running = 0

  constructor(init: CrossQueryInit) {
    this.#init = init
  }

  /** Throws INVALID_PARAMS, CURSOR_INVALID, OVERLOADED; INCOMPLETE when the answer is less complete than required. */
  async query(given: NetworkQuestion = {}): Promise<NetworkAnswer> {
    const question = checkQuestion(given)
    if (this.#running >= MAX_QUESTIONS)
      throw new LedgermeshError('OVERLOADED', `${MAX_QUESTIONS} questions across ledgers are under way`)
    this.#running++
    try {
      const answer = await this.#answer(question)
      refuseLess(question.need, answer)
      return answer
    } finally {
      this.#running--
    }
  }

  /** How many entries match, counted page by page, within the deadline. Throws INVALID_PARAMS, OVERLOADED. */
  async count(given: CountQuestion = {}): Promise<NetworkCount> {
    readOptions(given, COUNT_QUESTION, 'member')
    const { deadlineMs = DEFAULT_DEADLINE_MS } = given
    const end = this.#init.steady.now() + deadlineMs
    const counts = new Map<LedgerId, NetworkCount['counts'][number]>()
    let cursor: string | undefined
    let left = 0
    for (let pages = 0; pages < MAX_COUNT_PAGES; pages++) {
      const restMs = Math.max(Math.floor(end - this.#init.steady.now()), 1)
      const answer = await this.query({
        ...given,
        need: 'any',
        limit: MAX_LIMIT,
        deadlineMs: Math.min(restMs, deadlineMs),
        cursor
      })
      left = answer.selection.left
      for (const { ledger, entries, state, hasMore, by } of answer.sources) {
        const before = counts.get(ledger)?.count ?? 0
        counts.set(ledger, { ledgerId: ledger, count: before + entries, atLeast: hasMore || by === null, state })
      }
      if (answer.nextCursor === null || this.#init.steady.now() >= end) break
      cursor = answer.nextCursor
    }
    const all = [...counts.values()]
    return {
      counts: all,
      total: all.reduce((sum, { count }) => sum + count, 0),
      complete: left === 0 && all.length > 0 && all.every(({ atLeast }) => !atLeast)
    }
  }

  async #answer(question: Checked): Promise<NetworkAnswer> {
    const { network, ledgers, clock, steady, candidates, light, run } = this.#init
    await light.load()
    const { filters, order, limit, need, deadlineMs, minTrustMilli, file } = question
    const askedAt = clock.now()
    const started = steady.now()
    const binding = bindingOf(question)
    const places = question.cursor === undefined ? null : decodeCrossCursor(question.cursor, binding)
    const { ledgers: chosen, by, left } = places === null ? this.#choose(question) : this.#again(question, places)
    const outcome = await new QueryRun({
      ...run,
      network,
      question: { filter: filters, order },
      withProof: file,
      clock: steady,
      held: (ledger) => ledgers.get(ledger),
      look: async (ledger, signal) => await candidates.look(ledger, signal),
      plan: {
        ledgers: chosen.map((ledger) =>
          this.#planned(
            ledger,
            order,
            places?.find((one) => one.ledger === ledger)
          )
        ),
        order,
        limit,
        everything: need === 'complete',
        deadline: started + deadlineMs
      }
    }).run()
    return this.#envelope(outcome, {
      binding,
      question,
      askedAt,
      tookMs: Math.round(steady.now() - started),
      selection: { by, minTrustMilli, left }
    })
  }

  /** By ledger id. */
  #choose({ ledgers: given, minTrustMilli }: Checked): Selection {
    const { ledgers, known, trustMilli } = this.#init
    const by = Array.isArray(given) ? 'list' : given
    const all = Array.isArray(given)
      ? given
      : given === 'held'
        ? ledgers
            .list()
            .filter(isHeld)
            .map(({ id }) => id)
        : known()
    const trusted = all.filter(
      (ledger) => minTrustMilli === null || ledger === ledgers.own.id || trustMilli(ledger) >= minTrustMilli
    )
    const sorted = [...new Set(trusted)].sort()
    if (by === 'list' && sorted.length > MAX_ANSWER_SOURCES)
      throw new LedgermeshError('INVALID_PARAMS', `at most ${MAX_ANSWER_SOURCES} ledgers at once`)
    return {
      ledgers: sorted.slice(0, MAX_ANSWER_SOURCES),
      by,
      left: Math.max(sorted.length - MAX_ANSWER_SOURCES, 0)
    }
  }

  #again({ ledgers }: Checked, places: readonly CursorPlace[]): Selection {
    return { ledgers: places.map(({ ledger }) => ledger), by: Array.isArray(ledgers) ? 'list' : ledgers, left: 0 }
  }

  #planned(ledger: LedgerId, order: 'asc' | 'desc', place: CursorPlace | undefined): PlannedLedger {
    const { ledgers, isSynced, candidates, light } = this.#init
    const held = ledgers.get(ledger)
    const atHand = candidates.of(ledger)
    const local =
      held === undefined || !isHeld(held)
        ? null
        : held.own
          ? 'own'
          : isSynced(ledger) || atHand.length === 0
            ? 'mirror'
            : null
    const isAscending = order === 'asc'
    return {
      ledger,
      local,
      from: place !== undefined && isAscending ? place.seq : 0,
      to: place !== undefined && !isAscending ? place.seq : null,
      tree: place === undefined ? null : { size: place.size, root: place.root, vouched: place.vouched },
      remembered: light.of(ledger),
      candidates: local === null ? atHand : []
    }
  }

  #envelope(outcome: QueryOutcome, about: About): NetworkAnswer {
    const { question, askedAt, tookMs, selection, binding } = about
    const results = outcome.sources.flatMap(({ ledger }) => {
      const entries = outcome.shown.get(ledger)?.entries ?? []
      return entries.length === 0 ? [] : [{ ledgerId: ledger, entries }]
    })
    const places = outcome.sources.flatMap(({ ledger, next, as_of: tree }) =>
      next === null || tree === null ? [] : [{ ledger, ...next, ...tree }]
    )
    const complete = outcome.complete && selection.left === 0
    return {
      results,
      aggregated: merged(
        results.flatMap(({ entries }) => entries),
        question.order
      ),
      complete,
      sources: outcome.sources.map((source) => sourceOf(source, outcome)),
      selection,
      nextCursor: places.length === 0 ? null : encodeCrossCursor(places, binding),
      hasMore: places.length > 0,
      askedAt,
      tookMs,
      file: question.file ? this.#file(outcome, question, askedAt, complete) : null
    }
  }

  #file({ sources, shown }: QueryOutcome, { filters, order }: Checked, askedAt: number, complete: boolean): AnswerFile {
    return {
      v: 1,
      network: this.#init.network,
      asked_at: askedAt,
      question: { ...(JSON.parse(JSON.stringify(filters)) as Omit<AnswerQuestion, 'order'>), order },
      sources: sources.map(({ ledger, state }) => ({ ledger, state })),
      complete,
      parts: sources.flatMap(({ ledger }) => shown.get(ledger)?.part ?? [])
    }
  }
}

interface Checked {
  filters: EntryFilter
  ledgers: LedgerId[] | 'held' | 'known'
  minTrustMilli: number | null
  order: 'asc' | 'desc'
  limit: number
  cursor: string | undefined
  deadlineMs: number
  need: 'any' | 'included' | 'complete'
  file: boolean
}

interface About {
  binding: string
  question: Checked
  askedAt: number
  tookMs: number
  selection: NetworkAnswer['selection']
}

function checkQuestion(given: NetworkQuestion): Checked {
  const {
    filters = {},
    ledgers = 'known',
    minTrustMilli,
    order = 'asc',
    limit = DEFAULT_LIMIT,
    cursor,
    deadlineMs = DEFAULT_DEADLINE_MS,
    need = 'any',
    file = false
  } = readOptions(given, QUESTION, 'member')
  checkEntryFilter(filters)
  if (
    Array.isArray(ledgers)
      ? ledgers.length === 0 || !ledgers.every(isLedgerId)
      : ledgers !== 'held' && ledgers !== 'known'
  )
    throw invalid('ledgers is a list of ledger ids, held or known')
  if (minTrustMilli !== undefined) checkNumber(minTrustMilli, 'minTrustMilli', 0, 1000)
  if (order !== 'asc' && order !== 'desc') throw invalid('order is asc or desc')
  checkNumber(limit, 'limit', 1, MAX_LIMIT)
  checkNumber(deadlineMs, 'deadlineMs', 1, MAX_DEADLINE_MS)
  if (!['any', 'included', 'complete'].includes(need)) throw invalid('need is any, included or complete')
  if (typeof file !== 'boolean') throw invalid('file is true or false')
  return { filters, ledgers, minTrustMilli: minTrustMilli ?? null, order, limit, cursor, deadlineMs, need, file }
}

function checkNumber(value: number, name: string, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) throw invalid(`${name} is ${least} to ${most}`)
}

/** The members that must be equal for the next page. */
function bindingOf({ filters, ledgers, minTrustMilli, order }: Checked): string {
  const { stream, type, issuer_oid: issuer, subject_oid: subject, id, refers_to: target, from, to } = filters
  const chosen = Array.isArray(ledgers) ? [...ledgers].sort() : ledgers
  return JSON.stringify([
    stream,
    type,
    issuer,
    subject,
    id,
    target?.ledger,
    target?.entry_id,
    from,
    to,
    chosen,
    minTrustMilli,
    order
  ])
}

/** Throws INCOMPLETE, with the sources that fell short. */
function refuseLess(need: Checked['need'], { complete, sources }: NetworkAnswer): void {
  const short = need === 'any' ? [] : sources.filter(({ state }) => !SHOWN.has(state))
  if (short.length === 0 && (need !== 'complete' || complete)) return
  throw new LedgermeshError(
    'INCOMPLETE',
    `the answer is not ${need === 'complete' ? 'complete' : 'whole'}: ${
      sources
        .filter(({ by, state }) => (need === 'complete' ? by === null : !SHOWN.has(state)))
        .map(({ ledger, state }) => `${ledger} ${state}`)
        .join(', ') || 'more ledgers are known than are asked at once'
    }`,
    {
      sources: sources.map(({ ledger, state }) => ({ ledger, state }))
    }
  )
}

function sourceOf(
  { ledger, state, by, as_of: tree, next, entries, asked }: SourceReport,
  { shown, evidence, indexFaults }: QueryOutcome
): AnsweredSource {
  const { name = null, access = null, entries: list = [] } = shown.get(ledger) ?? {}
  const proof = evidence.get(ledger)
  const fault = indexFaults.get(ledger)
  return {
    ledger,
    name,
    access,
    state,
    by,
    asOf: tree,
    entries,
    payloads: payloadsOf(list),
    hasMore: next !== null && tree !== null,
    asked: [...asked],
    evidence:
      proof === undefined
        ? null
        : {
            id: proof.id,
            kind: proof.kind,
            seq: proof.seq,
            file: textOf(proof)
          },
    indexFault:
      fault === undefined
        ? null
        : {
            id: fault.id,
            fault: fault.fault,
            seq: fault.index.seq,
            file: textOf(fault)
          }
  }
}

/** Null: it is too large to come with an answer. */
function textOf({ bytes }: { bytes: Uint8Array }): string | null {
  return bytes.length > MAX_EVIDENCE_CHARS ? null : Buffer.from(bytes).toString()
}

function payloadsOf(entries: readonly LedgerEntry[]): AnsweredSource['payloads'] {
  const counts = { present: 0, erased: 0, filtered: 0, missing: 0 }
  for (const { payload_state: state } of entries) if (state in counts) counts[state as keyof typeof counts]++
  return counts
}

/** By timestamp, then by ledger and seq: only a presentation of one page, because timestamps are not verified. */
function merged(entries: LedgerEntry[], order: 'asc' | 'desc'): LedgerEntry[] {
  const sign = order === 'asc' ? 1 : -1
  return entries.toSorted(
    (a, b) => sign * (a.timestamp - b.timestamp || (a.ledger < b.ledger ? -1 : a.ledger > b.ledger ? 1 : a.seq - b.seq))
  )
}

function isHeld({ chain, visible }: { chain: unknown; visible: number }): boolean {
  return chain !== null && visible > 0
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', what)
}
