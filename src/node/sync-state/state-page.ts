/**
 * Rows of one flow: spans of watermarks, overlaid by exceptions. A rare status is found by indexes, so that the cost
 * follows the matches.
 */
import type { Entry } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import { checkOf } from '../../store/exception-rows.js'
import type { OpenConflicts } from '../../ledger/claims/open-conflicts.js'
import type { StateCode, StateStatus } from '../../sync/exceptions/state.js'
import type { ExceptionBook } from './exception-book.js'
import type { StateFlow, Stretch } from './state-flow.js'

export interface PageSources {
  /** Entries that another branch of the ledger has voided, and that have copies here, ascending. */
  voided: (ledger: LedgerId) => Promise<Entry[]>
  book: Pick<ExceptionBook, 'at' | 'seqs'>
  open: Pick<OpenConflicts, 'of' | 'seqsIn'>
}

export interface FoundRow {
  entry: Entry
  status: StateStatus
  code: StateCode | null
  /** The other side of a conflict. */
  conflicts: string[]
  attempts: number
  last: number | null
  next: number | null
  /** The exception's code; null: that of the flow as a whole. */
  created: number | null
  updated: number | null
}

/** Entries read together. */
const CHUNK = 128
/** Limit of entries read for one page; the next page continues there, however few have matched. */
const MAX_LOOKED_AT = 2_048

export interface FlowPage {
  rows: FoundRow[]
  /** The seq to continue at; null: this flow has no more. */
  next: number | null
}

/** The place of the first voided entry in the order of a flow's rows: their seqs are those of other entries now. */
const VOIDED_FROM = 2 ** 49

/** Voided entries come last. */
export async function pageOf(
  sources: PageSources,
  flow: StateFlow,
  ledger: Pick<Ledger, 'reader' | 'missingPayloads'>,
  wanted: { status: StateStatus | undefined; from: number; limit: number }
): Promise<FlowPage> {
  const { status, from, limit } = wanted
  const { rows, next } = from < VOIDED_FROM ? await pageOfHeld(sources, flow, ledger, wanted) : { rows: [], next: null }
  if (next !== null) return { rows, next }
  const voided = status === undefined || status === 'conflict' ? await voidedRows(sources, flow) : []
  const first = Math.max(0, from - VOIDED_FROM)
  const left = voided.slice(first)
  const taken = left.slice(0, limit - rows.length)
  return {
    rows: [...rows, ...taken],
    next: taken.length < left.length ? VOIDED_FROM + first + taken.length : null
  }
}

/** Entries that have copies here, and whose ledger went another way. */
export async function voidedRows(sources: PageSources, flow: StateFlow): Promise<FoundRow[]> {
  if (flow.place.direction === 'outbound') return []
  return (await sources.voided(flow.ledger)).map((entry) => ({
    entry,
    status: 'conflict',
    code: 'SOURCE_VOIDED',
    conflicts: [],
    attempts: 0,
    last: null,
    next: null,
    created: null,
    updated: null
  }))
}

async function pageOfHeld(
  sources: PageSources,
  flow: StateFlow,
  ledger: Pick<Ledger, 'reader' | 'missingPayloads'>,
  { status, from, limit }: { status: StateStatus | undefined; from: number; limit: number }
): Promise<FlowPage> {
  const rows: FoundRow[] = []
  const standing =
    flow.place.direction === 'inbound' && (status === undefined || status === 'conflict')
      ? await sources.open.seqsIn(flow.ledger)
      : []
  for (let start = from, looked = 0; looked < MAX_LOOKED_AT;) {
    const seqs = await candidates(sources, { flow, ledger, standing }, status, start)
    if (seqs.length === 0) return { rows, next: null }
    for (const row of await rowsAt(sources, flow, ledger, seqs)) {
      if (status !== undefined && row.status !== status) continue
      if (rows.length === limit) return { rows, next: row.entry.header.seq }
      rows.push(row)
    }
    looked += seqs.length
    start = seqs.at(-1)! + 1
    if (looked >= MAX_LOOKED_AT) return { rows, next: start }
  }
  return { rows, next: null }
}

/** The rows of these entries, as far as they are held. */
export async function rowsAt(
  { book, open }: PageSources,
  flow: StateFlow,
  ledger: Pick<Ledger, 'reader' | 'missingPayloads'>,
  seqs: readonly number[]
): Promise<FoundRow[]> {
  const entries = (await ledger.reader.many([...seqs])).filter((entry) => entry !== null)
  const inbound = flow.place.direction === 'inbound'
  const [noted, conflicts, missing] = await Promise.all([
    book.at(
      flow.place,
      entries.map(({ header }) => header.seq)
    ),
    inbound ? open.of(flow.ledger, entries) : [],
    inbound && entries.length > 0
      ? ledger.missingPayloads(entries.at(-1)!.header.seq - entries[0]!.header.seq + 1, entries[0]!.header.seq)
      : []
  ])
  const lacking = new Set(missing)
  return entries.flatMap((entry, i): FoundRow[] => {
    const { seq } = entry.header
    const stretch = stretchAt(flow, seq)
    if (stretch === null) return []
    const exception = noted[i]
    const standsIn = conflicts[i] ?? []
    const row = { entry, conflicts: standsIn, created: null, updated: null }
    if (exception != null && exception.check === checkOf(entry.hash)) {
      const { status, code, attempts, last, next, created, updated } = exception
      return [{ ...row, status, code, attempts, last, next, created, updated }]
    }
    const { attempts, last, next } = flow
    if (standsIn.length > 0) return [{ ...row, status: 'conflict', code: 'CONFLICT', attempts, last, next }]
    if (lacking.has(seq)) return [{ ...row, status: 'pending', code: 'NO_PAYLOAD', attempts, last, next }]
    const { status, code } = stretch
    return [
      { ...row, status, code, ...(status === 'synced' ? { attempts: 0, last, next: null } : { attempts, last, next }) }
    ]
  })
}

/** The first entries from `start` on that may have the status, ascending. */
async function candidates(
  { book }: PageSources,
  { flow, ledger, standing }: { flow: StateFlow; ledger: Pick<Ledger, 'missingPayloads'>; standing: readonly number[] },
  status: StateStatus | undefined,
  start: number
): Promise<number[]> {
  const stretches = status === undefined ? flow.stretches : flow.stretches.filter((one) => one.status === status)
  const found: number[] = firstSeqs(stretches, start)
  if (status !== undefined && status !== 'synced') {
    found.push(...(await book.seqs(flow.place, status, start, CHUNK)))
    if (status === 'conflict') found.push(...standing.filter((seq) => seq >= start).slice(0, CHUNK))
    if (status === 'pending' && flow.place.direction === 'inbound')
      found.push(...(await ledger.missingPayloads(CHUNK, start)))
  }
  return [...new Set(found)].sort((a, b) => a - b).slice(0, CHUNK)
}

function firstSeqs(stretches: readonly Stretch[], start: number): number[] {
  const seqs: number[] = []
  for (const { from, to } of stretches)
    for (let seq = Math.max(from, start); seq < to && seqs.length < CHUNK; seq++) seqs.push(seq)
  return seqs
}

function stretchAt({ stretches }: StateFlow, seq: number): Stretch | null {
  return stretches.find(({ from, to }) => from <= seq && seq < to) ?? null
}
