/**
 * The entries of one ledger that match, in order: sources that can skip (posting lists, timestamps in the tree) are
 * intersected; headers decide.
 */
import type { Span } from '../../core/answer-page.js'
import type { Entry } from '../../core/entry.js'
import { matchesFilter, type EntryFilter } from '../../core/entry-filter.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { PostingFamily } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { targetValue } from '../../store/target-values.js'
import type { EntryReader } from './entry-reader.js'
import { PostingSource, TimeSource, type SeqSource } from './seq-source.js'
import type { Tree } from './tree.js'

export interface Queried {
  id: LedgerId
  reader: EntryReader
  tree: Tree
  store: Store
  /** Entries that may be shown. */
  size: number
  audited: number
}

export interface Walk {
  order: 'asc' | 'desc'
  /** The seq to start at; default: the end of the span that comes first. */
  start?: number | undefined
  /** The span, within the entries that may be shown. */
  span: Span
  limit: number
  /** Limit of bytes of headers and payloads; one entry is returned whatever its size. */
  maxBytes: number
  /** A further condition. */
  also?: ((entry: Entry) => boolean) | undefined
}

export interface Walked {
  /** Without their payloads. */
  found: Entry[]
  /** The seq to continue at; null: the span is finished. */
  next: number | null
  /** Headers that were read, and steps in the sources. */
  examined: number
}

/** Limit of headers read for one page; beyond it the page ends early. */
const MAX_EXAMINED = 20_000
/** Share of the entries from which on an index saves nothing. */
const DENSE = 0.25
/** Headers read at a time. */
const CHUNK = 128

export async function walk(
  ledger: Queried,
  filter: EntryFilter,
  { order, start, span, limit, maxBytes, also }: Walk
): Promise<Walked> {
  const descending = order === 'desc'
  const step = descending ? -1 : 1
  const isInside = (seq: number): boolean => seq >= span.from && seq < span.to
  let position = descending ? Math.min(start ?? span.to - 1, span.to - 1) : Math.max(start ?? span.from, span.from)
  const all = sourcesOf(ledger, filter, descending)
  const found: Entry[] = []
  let examined = 0
  try {
    const sources = await selective(all, position)
    let bytes = 0
    page: while (found.length < limit && examined < MAX_EXAMINED && isInside(position)) {
      const want = sources.length === 0 ? limit - found.length : Math.min(CHUNK, limit - found.length)
      const { seqs, next, steps } = await candidates(sources, position, step, span, want)
      examined += seqs.length + steps
      for (const entry of await ledger.reader.many(seqs)) {
        if (entry === null || !matchesFilter(entry.header, filter) || also?.(entry) === false) continue
        bytes += entry.raw.header.length + entry.header.payload_size
        if (bytes > maxBytes && found.length > 0) {
          position = entry.header.seq
          break page
        }
        found.push(entry)
      }
      position = next
    }
  } finally {
    for (const source of all) await source.close()
  }
  return { found, next: isInside(position) ? position : null, examined }
}

function postedIn(filter: EntryFilter): Record<PostingFamily | 'id', string | undefined> {
  const { stream, type, issuer_oid: issuer, subject_oid: subject, id, refers_to: referred } = filter
  const target = referred === undefined ? undefined : targetValue(referred.ledger, referred.entry_id)
  return { stream, type, issuer, subject, id, target }
}

function sourcesOf({ reader, store, tree, size }: Queried, filter: EntryFilter, descending: boolean): SeqSource[] {
  const sources: SeqSource[] = (
    Object.entries(postedIn(filter)) as [PostingFamily | 'id', string | undefined][]
  ).flatMap(([family, value]) =>
    value === undefined ? [] : [new PostingSource(store, reader.ledgerNumber, family, value, descending)]
  )
  if (filter.from !== undefined || filter.to !== undefined)
    sources.push(new TimeSource(tree, size, filter.from ?? 0, filter.to ?? Number.MAX_SAFE_INTEGER, descending))
  return sources
}

/**
 * The sources worth using, sparse ones first: a source that contains every fourth entry or more is replaced by reading
 * headers, if another source is sparser.
 */
async function selective(sources: SeqSource[], position: number): Promise<SeqSource[]> {
  if (sources.length < 2) return sources
  const weighed: { source: SeqSource; density: number }[] = []
  for (const source of sources) weighed.push({ source, density: await source.density(position) })
  weighed.sort((a, b) => a.density - b.density)
  return weighed.filter(({ density }, i) => i === 0 || density < DENSE).map(({ source }) => source)
}

interface Candidates {
  seqs: number[]
  next: number
  steps: number
}

/** The next seqs that all sources contain; `next`: the seq to continue at, outside the span when there are no more. */
async function candidates(
  sources: SeqSource[],
  from: number,
  step: 1 | -1,
  span: Span,
  count: number
): Promise<Candidates> {
  const seqs: number[] = []
  let position = from
  let steps = 0
  search: while (seqs.length < count && position >= span.from && position < span.to && steps < MAX_EXAMINED) {
    for (const source of sources) {
      const seq = await source.seek(position)
      steps++
      if (seq === null || seq < span.from || seq >= span.to) {
        position = step > 0 ? span.to : span.from - 1
        break search
      }
      if (seq !== position) {
        position = seq
        continue search
      }
    }
    seqs.push(position)
    position += step
  }
  return { seqs, next: position, steps }
}
