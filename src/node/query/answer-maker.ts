/**
 * Makes answers about a held ledger, with proofs that they are the author's: for peers, and for a file that others can
 * verify. Only from entries below a freeze (I4).
 */
import type { GetRequest, QueryReply, SelectRequest } from '../../../protocols/query/index.js'
import { MAX_ITEMS, MAX_KEY_BYTES, MAX_REPLY_BYTES } from '../../../protocols/query/limits.js'
import { WireError, type WireEntry } from '../../../protocols/wire.js'
import type { Span } from '../../core/answer-page.js'
import { readCheckpoint } from '../../core/checkpoint.js'
import { decodeEntry, decodeSigned, type Entry, type RawEntry, type SignedHeader } from '../../core/entry.js'
import { matchesFilter, type EntryFilter } from '../../core/entry-filter.js'
import { fromHex, toHex } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Notes } from './checkpoint-notes.js'
import type { UsableIndex } from './index-keeper.js'
import { costOf, ENTRY_BYTES, MAX_TILES, TILE_LEAVES, type MadePage } from './made-page.js'
import { pageByIndex } from './page-by-index.js'
import { fromWire } from './wire-filter.js'
import { indexToWire } from './wire-index.js'

/** Headers read from the disk at a time, of 32 KiB at the most. */
const CHUNK = 64
export interface MadeAnswer {
  reply: QueryReply
  /** Headers and leaves read for the reply. */
  examined: number
}

/** Which index of a held ledger can be read, and what is known against those who made it. */
export interface Indexes {
  usable: (ledger: LedgerReader, size: number) => Promise<UsableIndex | null>
  /** The file of a fault against its author. */
  fault: (ledger: LedgerReader) => Promise<Uint8Array | null>
}

/** Keeps answers: `question` has everything that an answer about a ledger depends on, beside its payloads. */
export interface Answers {
  of: (ledger: LedgerId, question: unknown, make: () => Promise<MadeAnswer>) => Promise<MadeAnswer>
}

export class AnswerMaker {
  readonly #notes: Notes
  readonly #indexes: Indexes | null
  readonly #answers: Answers | null

  /** `indexes` null: no index is kept; `answers` null: each answer is made anew. */
  constructor(notes: Notes, indexes: Indexes | null, answers: Answers | null = null) {
    this.#notes = notes
    this.#indexes = indexes
    this.#answers = answers
  }

  /** Throws UNAVAILABLE. */
  async select(ledger: LedgerReader, request: SelectRequest): Promise<MadeAnswer> {
    const note = await this.#notes.of(ledger, request.treeSize)
    if (note === null) return await frozen(ledger)
    const { size } = readCheckpoint(note, { network: ledger.chain!.network, ledger: ledger.id })
    const { show, from, to, knownSize, want } = request
    const index = show === 'matches' ? null : ((await this.#indexes?.usable(ledger, size)) ?? null)
    const indexFault = (await this.#indexes?.fault(ledger)) ?? null
    const make = async (): Promise<MadeAnswer> => {
      const span = { from: Math.min(from, size), to: Math.min(to ?? size, size) }
      const page = await pageOf(ledger, index, request, fromWire(request.filter), span)
      return await replyOf(ledger, { note, size, knownSize, withPayloads: want === 'full', indexFault }, page)
    }
    if (this.#answers === null) return await make()
    // An index that is built meanwhile, and a fault that is found, make another answer.
    return await this.#answers.of(ledger.id, [note, request, index?.seq ?? null, indexFault !== null], make)
  }

  /** Throws UNAVAILABLE. */
  async get(ledger: LedgerReader, { wanted, want, knownSize }: GetRequest): Promise<MadeAnswer> {
    const note = await this.#notes.of(ledger, null)
    if (note === null) return await frozen(ledger)
    const { size } = readCheckpoint(note, { network: ledger.chain!.network, ledger: ledger.id })
    const seqs = [...new Set(await seqsOf(ledger, wanted, size))].sort((a, b) => a - b)
    const shown: Entry[] = []
    let bytes = 0
    let next: number | null = null
    for (const seq of seqs) {
      const [raw] = await ledger.range(seq, { count: 1, bytes: Infinity }, () => false)
      if (raw === undefined) continue
      const entry = decodeEntry(raw)
      bytes += costOf(entry, want === 'full')
      if (shown.length > 0 && (bytes > MAX_REPLY_BYTES || shown.length === MAX_ITEMS)) {
        next = seq
        break
      }
      shown.push(entry)
    }
    return await replyOf(
      ledger,
      {
        note,
        size,
        knownSize,
        withPayloads: want === 'full',
        indexFault: (await this.#indexes?.fault(ledger)) ?? null
      },
      {
        shown,
        matching: new Set(seqs),
        ending: next === null ? 'end' : 'budget',
        all: false,
        index: null,
        next,
        examined: seqs.length
      }
    )
  }
}

/** `index` null: none is there, or none is asked for. */
async function pageOf(
  ledger: LedgerReader,
  index: UsableIndex | null,
  request: SelectRequest,
  filter: EntryFilter,
  span: Span
): Promise<MadePage> {
  const { show, order } = request
  const few = show === 'all' ? null : await matches(ledger, request, filter, span)
  if (show === 'matches' && few !== null) return few
  // Every entry, if that reaches the limit or the end; otherwise by an index; otherwise as far as it goes.
  const whole =
    few === null || widthOf(few, span, order) <= MAX_ITEMS ? await everything(ledger, request, filter, span) : null
  if (whole !== null && whole.ending !== 'budget') return whole
  return (index === null ? null : await byIndex(ledger, index, request, filter, span)) ?? few ?? whole!
}

/** Of the part of the span that the index covers; descending, of the part behind it when that is first. */
async function byIndex(
  ledger: LedgerReader,
  index: UsableIndex,
  request: SelectRequest,
  filter: EntryFilter,
  { from, to }: Span
): Promise<MadePage | null> {
  if (from >= index.size) return null
  if (request.order === 'desc' && to > index.size) {
    const tail = await everything(ledger, request, filter, { from: index.size, to })
    if (tail.ending !== 'end') return request.show === 'all' || tail.ending === 'limit' ? tail : null
    return { ...tail, ending: 'budget', next: index.size }
  }
  const page = await pageByIndex(ledger, index, request, filter, { from, to: Math.min(to, index.size) })
  if (page?.ending !== 'end' || request.order === 'desc' || to <= index.size) return page
  return { ...page, ending: 'budget', next: index.size }
}

/** Entries between the start of this page and the start of the next. */
function widthOf({ next }: MadePage, { from, to }: Span, order: 'asc' | 'desc'): number {
  return order === 'asc' ? (next ?? to) - from : to - (next ?? from)
}

/** Every entry of the span, as far as one reply goes. */
async function everything(
  ledger: LedgerReader,
  { order, limit, maxBytes, want }: SelectRequest,
  filter: EntryFilter,
  span: Span
): Promise<MadePage> {
  const shown: Entry[] = []
  const matching = new Set<number>()
  let bytes = 0
  let ending: QueryReply['ending'] = 'end'
  let rest = { ...span }
  read: while (rest.from < rest.to) {
    const chunk = await readChunk(ledger, rest, order)
    for (const entry of chunk) {
      const { seq } = entry.header
      const isMatch = matchesFilter(entry.header, filter)
      bytes += costOf(entry, isMatch && want === 'full')
      if (shown.length > 0 && (bytes > maxBytes || shown.length === MAX_ITEMS)) ending = 'budget'
      else if (matching.size === limit) ending = 'limit'
      if (ending !== 'end') break read
      shown.push(entry)
      if (isMatch) matching.add(seq)
      rest = order === 'asc' ? { ...rest, from: seq + 1 } : { ...rest, to: seq }
    }
  }
  const next = ending === 'end' ? null : order === 'asc' ? rest.from : rest.to
  return { shown, matching, ending, all: true, index: null, next, examined: shown.length }
}

/** The next entries in the order, without payloads. */
async function readChunk(ledger: LedgerReader, { from, to }: Span, order: 'asc' | 'desc'): Promise<Entry[]> {
  const start = order === 'asc' ? from : Math.max(from, to - CHUNK)
  const count = Math.min(CHUNK, to - start)
  const raws = await ledger.range(start, { count, bytes: Infinity }, () => false)
  // A damaged entry has to be fetched from another node.
  if (raws.length < count) throw new WireError('UNAVAILABLE', 'an entry is missing')
  const entries = raws.map(decodeEntry)
  return order === 'asc' ? entries : entries.reverse()
}

async function matches(
  ledger: LedgerReader,
  { order, limit, maxBytes, want }: SelectRequest,
  filter: EntryFilter,
  span: Span
): Promise<MadePage> {
  const walked = await ledger.walk(filter, {
    order,
    span,
    limit,
    maxBytes: want === 'full' ? maxBytes : MAX_REPLY_BYTES
  })
  const tiles = new Set<number>()
  const shown: Entry[] = []
  let next = walked.next
  for (const entry of walked.found) {
    const { seq } = entry.header
    tiles.add(Math.floor(seq / TILE_LEAVES))
    if (tiles.size > MAX_TILES) {
      next = seq
      break
    }
    shown.push(entry)
  }
  return {
    shown,
    matching: new Set(shown.map(({ header }) => header.seq)),
    ending: next === null ? 'end' : shown.length === limit ? 'limit' : 'budget',
    all: false,
    index: null,
    next: next === null ? null : order === 'asc' ? next : next + 1,
    examined: walked.examined
  }
}

async function seqsOf(ledger: LedgerReader, wanted: GetRequest['wanted'], size: number): Promise<number[]> {
  if ('seqs' in wanted) return wanted.seqs.filter((seq) => seq < size)
  const seqs: number[] = []
  if ('hashes' in wanted) {
    for (const hash of wanted.hashes) {
      const seq = await ledger.reader.seqOfHash(toHex(hash), size)
      if (seq !== null) seqs.push(seq)
    }
    return seqs
  }
  // Ids are unique only in honest ledgers: all entries with the id, as far as one reply allows.
  for (const id of wanted.ids) {
    const limit = MAX_ITEMS - seqs.length
    if (limit <= 0) break
    const { found } = await ledger.walk(
      { id },
      { order: 'asc', span: { from: 0, to: size }, limit, maxBytes: Infinity }
    )
    seqs.push(...found.map(({ header }) => header.seq))
  }
  return seqs
}

interface Standing {
  note: string
  size: number
  knownSize: number | null
  withPayloads: boolean
  indexFault: Uint8Array | null
}

async function replyOf(ledger: LedgerReader, standing: Standing, page: MadePage): Promise<MadeAnswer> {
  const { note, size, knownSize, withPayloads } = standing
  const keyEntries = await ledger.keyEntries(size)
  if (keyEntries.reduce((sum, { header }) => sum + header.length + ENTRY_BYTES, 0) > MAX_KEY_BYTES)
    throw new WireError('UNAVAILABLE', 'too many key entries', { available: { earliest: 0, size: 0 } })
  const keySeqs = keyEntries.map((entry) => decodeSigned(entry).header.seq)
  const { shown, matching, ending, all, index, next } = page
  const leaves = [
    ...new Set([...keySeqs, ...shown.map(({ header }) => header.seq), ...(index === null ? [] : [index.seq])])
  ].sort((a, b) => a - b)
  const tree = await ledger.multiproof(leaves, size)
  const evidence = await ledger.evidence()
  const consistency = knownSize !== null && knownSize < size ? await ledger.consistencyProof(knownSize, size) : []
  return {
    reply: {
      basis: {
        checkpoint: note,
        keyEntries: keyEntries.map(withoutPayload),
        consistency: consistency.map(fromHex),
        evidence,
        indexFault: evidence === null ? standing.indexFault : null
      },
      entries: await wireEntries(ledger, shown, withPayloads ? matching : new Set()),
      tree: tree.map(fromHex),
      index: index === null ? null : indexToWire(index),
      count: shown.filter(({ header }) => matching.has(header.seq)).length,
      ending,
      all,
      next
    },
    examined: page.examined + TILE_LEAVES * new Set(leaves.map((seq) => Math.floor(seq / TILE_LEAVES))).size
  }
}

/** All entries are above the evidence, so only the evidence is sent. Throws UNAVAILABLE without any. */
async function frozen(ledger: LedgerReader): Promise<MadeAnswer> {
  const evidence = await ledger.evidence()
  if (evidence === null)
    throw new WireError('UNAVAILABLE', 'no checkpoint of that size', { available: { earliest: 0, size: 0 } })
  return {
    reply: {
      basis: { checkpoint: null, keyEntries: [], consistency: [], evidence, indexFault: null },
      entries: [],
      tree: [],
      index: null,
      count: 0,
      ending: 'end',
      all: false,
      next: null
    },
    examined: 0
  }
}

async function wireEntries(ledger: LedgerReader, entries: Entry[], wanted: ReadonlySet<number>): Promise<WireEntry[]> {
  const seqs = entries
    .filter(({ header }) => header.payload_hash !== null && wanted.has(header.seq))
    .map(({ header }) => header.seq)
    .sort((a, b) => a - b)
  const payloads = new Map((await ledger.payloads(seqs)).map(({ seq, payload }) => [seq, payload]))
  return entries.map(({ header, raw }): RawEntry => ({
    ...withoutPayload(raw),
    payload: payloads.get(header.seq) ?? null
  }))
}

function withoutPayload({ header, signature }: SignedHeader): SignedHeader {
  return { header, signature }
}
