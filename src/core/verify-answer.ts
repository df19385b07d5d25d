/**
 * An answer file: the answers that a node received to a query across ledgers, with their proofs, so that others can
 * verify them without network or database. JSON, exactly these members: v: 1 · network · asked_at: time · question:
 * {stream, type, issuer_oid, subject_oid, id, refers_to, from, to: those that were given; order} sources: [{ledger,
 * state} …], ascending: which ledgers were asked, and the outcome of each complete: what its maker says · parts: at
 * most one a source, in the same order: {ledger, key_entries, checkpoint, pages: [{span: {from, to} | null, tree: [hash
 * …], entries: [{header, signature, payload} …]} …]} That nothing was left out of a ledger is proved where its pages
 * show every entry of it, those that do not match included, or its author's index shows it (a page with `index`: {entry,
 * proof}); elsewhere the file proves only the entries that it contains, and completeness is its maker's claim.
 */
import { toUtf8 } from '#platform'
import { verifyBasis, verifyPage, type Question, type Span } from './answer-page.js'
import { checkEntryFilter } from './entry-filter.js'
import { isCoded, LedgermeshError } from './errors.js'
import { hasExactly, isInteger, isObject } from './grammar.js'
import { fromHex, isHash, type Hash } from './hash.js'
import { refuseNewer } from './header.js'
import { parseCarrier } from './ijson.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { isNetworkName } from './ledger-types.js'
import { MAX_ANSWER_SOURCES, MAX_PROOF_BYTES, MAX_TIMESTAMP_MS } from './limits.js'
import { isIndexProof, type IndexProof } from './lmx1/index-proof.js'
import { readOptions, type Members } from './options.js'
import { verifySignature, type Verify } from './signature.js'
import { isEntryText, isKeyEntries, isStatement, type EntryText, type RawStatement } from './verify-proof.js'
import { viewEntry, type LedgerEntry } from './view.js'

/** An answer file, the result of a query across ledgers. Binary is hex; see docs/FORMATS.md. */
export interface AnswerFile {
  v: 1
  network: string
  /** When it was asked, by the asker's clock. */
  asked_at: number
  question: AnswerQuestion
  sources: AnswerSource[]
  complete: boolean
  parts: AnswerPart[]
}

/** What was asked; absent members filter nothing. */
export interface AnswerQuestion {
  stream?: string
  type?: string
  issuer_oid?: string
  subject_oid?: string
  id?: string
  refers_to?: { ledger: LedgerId; entry_id?: string }
  from?: number
  to?: number
  order: 'asc' | 'desc'
}

/** A ledger that was asked, and the outcome in one word. */
export interface AnswerSource {
  ledger: LedgerId
  state: string
}

/** The basis that one ledger's answer is verified against, and its pages. */
export interface AnswerPart {
  ledger: LedgerId
  key_entries: RawStatement[]
  checkpoint: string
  pages: AnswerPageText[]
}

/** Entries under the part's checkpoint; with a span, all of that span that match. */
export interface AnswerPageText {
  span: Span | null
  tree: Hash[]
  entries: EntryText[]
  /** The author's index shows that nothing of the span is left out. Absent: the page has every entry of it. */
  index?: { entry: RawStatement; proof: IndexProof }
}

/** The contents of a verified answer file. */
export interface VerifiedAnswer {
  network: string
  asked_at: number
  question: AnswerQuestion
  /** All that match, by ledger and in the question's order. `checked` is true; an absent payload is `missing`. */
  entries: LedgerEntry[]
  sources: VerifiedSource[]
  /** Nothing that matches was left out of any source. */
  proved: boolean
  /** The completeness that the file's maker claims. */
  complete: boolean
}

/** What the file proves about one ledger. */
export interface VerifiedSource extends AnswerSource {
  /** The ledger's own name; null: the file shows nothing of it. */
  name: string | null
  /** The tree that its entries are under; null: the file shows nothing of it. */
  as_of: { size: number; root: Hash } | null
  /** Entries that match. */
  entries: number
  /** Is nothing left out that matches and is below `as_of.size`? */
  proved: boolean
  /** What shows that: every entry is in the file (`chain`), or the word of the ledger's author (`author`). */
  by: 'chain' | 'author' | null
}

const OPTIONS: Members<{ verify?: Verify }> = { verify: true }
const STATE = /^[a-z_]{1,32}$/

/** Throws BAD_PROOF with the reason, TOO_LARGE, or UPGRADE_NEEDED for a file of a newer version. */
export async function verifyAnswer(
  input: Uint8Array | string | AnswerFile,
  options: { verify?: Verify } = {}
): Promise<VerifiedAnswer> {
  const { verify = verifySignature } = readOptions(options, OPTIONS)
  try {
    const file = typeof input === 'string' || input instanceof Uint8Array ? readFile(input) : input
    refuseNewer(file as never)
    if (!isAnswer(file)) throw bad('not the members of an answer file')
    const { network, asked_at: askedAt, question, complete } = file
    const entries: LedgerEntry[] = []
    const sources: VerifiedSource[] = []
    const parts = new Map(file.parts.map((part) => [part.ledger, part]))
    for (const { ledger, state } of file.sources) {
      const part = parts.get(ledger)
      const source = part === undefined ? NOTHING : await verifyPart(network, question, part, entries, verify)
      sources.push({ ledger, state, ...source })
    }
    const proved = sources.length > 0 && sources.every((source) => source.proved)
    return { network, asked_at: askedAt, question, entries, sources, proved, complete }
  } catch (error) {
    if (!isCoded(error) || ['BAD_PROOF', 'UPGRADE_NEEDED', 'TOO_LARGE'].includes(error.code)) throw error
    throw new LedgermeshError('BAD_PROOF', `a part of the answer does not check: ${error.message}`, undefined, {
      cause: error
    })
  }
}

const NOTHING = { name: null, as_of: null, entries: 0, proved: false, by: null }

async function verifyPart(
  network: string,
  { order, ...filter }: AnswerQuestion,
  { ledger, key_entries: keyEntries, checkpoint, pages }: AnswerPart,
  found: LedgerEntry[],
  verify: Verify
): Promise<Omit<VerifiedSource, 'ledger' | 'state'>> {
  const basis = await verifyBasis({ network, ledger }, { keyEntries: keyEntries.map(toSigned), checkpoint }, verify)
  const question: Question = { filter, order }
  const spans: Span[] = []
  let entries = 0
  let before: number | null = null
  for (const { span, tree, entries: texts, index } of pages) {
    const shownBy = index === undefined ? null : { entry: toSigned(index.entry), proof: index.proof }
    const page = { span, tree, entries: texts.map(toRaw), index: shownBy }
    const { matching } = await verifyPage(basis, page, question, verify)
    if (span !== null) spans.push(span)
    for (const entry of matching) {
      const { seq } = entry.header
      if (before !== null && (order === 'asc' ? seq <= before : seq >= before)) throw bad('the pages are not in order')
      before = seq
      entries++
      found.push(viewEntry(entry, true, 'missing'))
    }
  }
  const { name, size, root } = basis
  const proved = isWhole(spans, size)
  const by = !proved ? null : pages.some(({ index }) => index !== undefined) ? 'author' : 'chain'
  return { name, as_of: { size, root }, entries, proved, by }
}

/** Do the spans, in any order, cover everything below `size`? */
function isWhole(spans: Span[], size: number): boolean {
  let reached = 0
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from))
    if (from <= reached) reached = Math.max(reached, to)
  return reached === size
}

function toSigned({ header, signature }: RawStatement): { header: Uint8Array; signature: Uint8Array } {
  return { header: bytesOf(header), signature: fromHex(signature) }
}

function toRaw({
  header,
  signature,
  payload
}: EntryText): ReturnType<typeof toSigned> & { payload: Uint8Array | null } {
  return { ...toSigned({ header, signature }), payload: payload === null ? null : bytesOf(payload) }
}

function bytesOf(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new LedgermeshError('MALFORMED', 'a text with a lone surrogate')
  return toUtf8(text)
}

function readFile(input: Uint8Array | string): unknown {
  if (input.length > MAX_PROOF_BYTES)
    throw new LedgermeshError('TOO_LARGE', `an answer file has at most ${MAX_PROOF_BYTES} bytes`)
  return parseCarrier(input)
}

function isAnswer(value: unknown): value is AnswerFile {
  return (
    isObject(value) &&
    value.v === 1 &&
    hasExactly(value, ['v', 'network', 'asked_at', 'question', 'sources', 'complete', 'parts']) &&
    isNetworkName(value.network) &&
    isInteger(value.asked_at, MAX_TIMESTAMP_MS) &&
    isQuestion(value.question) &&
    typeof value.complete === 'boolean' &&
    isAscending(value.sources, isSource) &&
    isAscending(value.parts, isPart) &&
    isPartOf(value.parts, value.sources)
  )
}

function isQuestion(value: unknown): value is AnswerQuestion {
  if (!isObject(value)) return false
  const { order, ...filter } = value
  if (order !== 'asc' && order !== 'desc') return false
  try {
    checkEntryFilter(filter)
  } catch (error) {
    if (isCoded(error, 'INVALID_PARAMS')) return false
    throw error
  }
  return true
}

function isSource(value: unknown): value is AnswerSource {
  return (
    hasExactly(value, ['ledger', 'state']) &&
    isLedgerId(value.ledger) &&
    typeof value.state === 'string' &&
    STATE.test(value.state)
  )
}

function isPart(value: unknown): value is AnswerPart {
  return (
    hasExactly(value, ['ledger', 'key_entries', 'checkpoint', 'pages']) &&
    isLedgerId(value.ledger) &&
    isKeyEntries(value.key_entries) &&
    typeof value.checkpoint === 'string' &&
    Array.isArray(value.pages) &&
    value.pages.every(isPage)
  )
}

function isPage(value: unknown): value is AnswerPageText {
  return (
    isObject(value) &&
    hasExactly(value, ['span', 'tree', 'entries', ...('index' in value ? ['index'] : [])]) &&
    (value.index === undefined || isPageIndex(value.index)) &&
    (value.span === null || isSpan(value.span)) &&
    Array.isArray(value.tree) &&
    value.tree.every(isHash) &&
    Array.isArray(value.entries) &&
    value.entries.every(isEntryText)
  )
}

function isPageIndex(value: unknown): boolean {
  return hasExactly(value, ['entry', 'proof']) && isStatement(value.entry) && isIndexProof(value.proof)
}

function isSpan(value: unknown): value is Span {
  return (
    hasExactly(value, ['from', 'to']) &&
    isInteger(value.from, Number.MAX_SAFE_INTEGER) &&
    isInteger(value.to, Number.MAX_SAFE_INTEGER)
  )
}

/** At most MAX_ANSWER_SOURCES of them, each of a ledger of its own, by ledger id. */
function isAscending<T extends { ledger: LedgerId }>(value: unknown, is: (one: unknown) => one is T): value is T[] {
  return (
    Array.isArray(value) &&
    value.length <= MAX_ANSWER_SOURCES &&
    value.every((one, at) => is(one) && (at === 0 || one.ledger > (value[at - 1] as T).ledger))
  )
}

function isPartOf(parts: readonly AnswerPart[], sources: readonly AnswerSource[]): boolean {
  const asked = new Set(sources.map(({ ledger }) => ledger))
  return parts.every(({ ledger }) => asked.has(ledger))
}

function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_PROOF', what)
}
