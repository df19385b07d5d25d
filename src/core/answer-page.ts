/**
 * An answer about a ledger that the asker does not hold (I7): nothing of it is shown before all of it has been
 * verified. First one proof shows that all entries are under the author's checkpoint; then their contents are checked.
 * A peer that sends entries that are not under the checkpoint has made them up; an entry under the checkpoint with a
 * bad signature is the author's fault.
 */
import { keyInForce, verifyKeyEntries, type KeyHistory } from './chain.js'
import { readCheckpoint, verifyCheckpoint } from './checkpoint.js'
import {
  decodeEntry,
  decodeSigned,
  ledgerOf,
  verifyEntrySignature,
  type Entry,
  type RawEntry,
  type SignedHeader
} from './entry.js'
import { matchesFilter, type EntryFilter } from './entry-filter.js'
import { indexOf } from './lmx1/index-entry.js'
import type { IndexProof } from './lmx1/index-proof.js'
import { verifyIndexProof, type IndexQuestion } from './lmx1/verify-index.js'
import { isCoded, LedgermeshError, type ErrorCode } from './errors.js'
import type { Hash } from './hash.js'
import type { LedgerId } from './ledger-id.js'
import { verifyMultiproof, type ShownLeaf } from './multiproof.js'
import type { Verify } from './signature.js'

/** What the pages of one ledger are verified against. */
export interface AnswerBasis {
  /** Genesis and every rotation below the checkpoint's size. */
  keyEntries: readonly SignedHeader[]
  /** A signed note. */
  checkpoint: string
}

/** Entries from seq `from` up to, not including, `to`. */
export interface Span {
  from: number
  to: number
}

/** Some of a ledger's entries, in the order of the question. */
export interface AnswerPage {
  /**
   * Nothing that matches is left out of this span: every entry of it is in the page, also those that do not match, or an
   * index shows it. Null: only entries that match, and possibly not all of them.
   */
  span: Span | null
  /** The multiproof of these entries, the key entries, and the index entry. */
  tree: readonly Hash[]
  entries: readonly RawEntry[]
  /** How an index of the author shows that of the span; null: the page has every entry of it. */
  index: PageIndex | null
}

/** The entry in which the author names an index, and what the index shows. */
export interface PageIndex {
  entry: SignedHeader
  proof: IndexProof
}

/** The pages must be in this order. */
export interface Question {
  filter: EntryFilter
  order: 'asc' | 'desc'
}

/** A verified basis: the ledger's first `size` entries, identified by their root. */
export interface VerifiedBasis {
  ledger: LedgerId
  network: string
  name: string
  access: 'public' | 'private'
  size: number
  root: Hash
  keys: KeyHistory['keys']
}

export interface VerifiedPage {
  /** The entries that match, in the order of the page. */
  matching: Entry[]
  /** All of its entries. Those that do not match are under the checkpoint, but their signatures were not checked. */
  entries: Entry[]
  /** The entry in which the author names the index; null: the page has none. */
  named: Entry | null
}

/** Not wrapped: a newer version, another network, or a verifier that could not decide now. */
const AS_THEY_ARE = new Set<ErrorCode>(['BAD_PROOF', 'UPGRADE_NEEDED', 'WRONG_NETWORK', 'OVERLOADED', 'CLOSED'])

/** Throws BAD_PROOF, WRONG_NETWORK, UPGRADE_NEEDED. */
export async function verifyBasis(
  of: { network: string; ledger: LedgerId },
  { keyEntries, checkpoint: note }: AnswerBasis,
  verify: Verify
): Promise<VerifiedBasis> {
  return await asProof('the basis of the answer', async () => {
    const { network, ledger } = of
    const history = await verifyKeyEntries(ledger, keyEntries.map(decodeSigned), verify)
    if (history.network !== network)
      throw new LedgermeshError('WRONG_NETWORK', `the genesis names network ${history.network}`)
    const { size } = readCheckpoint(note, of)
    if (history.keys.at(-1)!.from >= size) throw bad('it has key entries that are not below the checkpoint')
    const { root } = await verifyCheckpoint(note, { ...of, key: keyInForce(history, size - 1) }, verify)
    return { ledger, network, name: history.name, access: history.access, size, root, keys: history.keys }
  })
}

/**
 * Throws BAD_PROOF, UPGRADE_NEEDED; BAD_SIGNATURE when an entry that matches and is under the author's checkpoint is not
 * signed by the key in force: the author's fault, not that of the peer that sent it.
 */
export async function verifyPage(
  basis: VerifiedBasis,
  { span, tree, entries: raws, index }: AnswerPage,
  { filter, order }: Question,
  verify: Verify
): Promise<VerifiedPage> {
  const page = await asProof('a page of the answer', () => {
    const entries = raws.map(decodeEntry)
    const named = index === null ? null : decodeSigned(index.entry)
    checkOrder(basis, entries, order)
    const shown = named === null ? entries : [...entries, named]
    if (!verifyMultiproof({ ...basis, leaves: leavesOf(basis, shown), proof: tree }))
      throw bad('the entries are not under the checkpoint')
    for (const { header } of shown)
      if (header.key !== keyInForce(basis, header.seq)) throw bad(`entry ${header.seq} is not by the key in force`)
    const matching = entries.filter(({ header }) => matchesFilter(header, filter))
    if (span === null) {
      if (matching.length !== entries.length || index !== null) throw bad('an entry that was not asked for')
    } else {
      if (index === null) checkSpan(span, entries, order, basis.size)
      else checkByIndex(basis, index.proof, named!, entries, { filter, ...span })
      const wanted = new Set(matching)
      for (const entry of entries)
        if (entry.raw.payload !== null && !wanted.has(entry)) throw bad('a payload that was not asked for')
    }
    return { matching, entries, named }
  })
  const { matching, named } = page
  for (const entry of named === null ? matching : [...matching, named])
    if (!(await verifyEntrySignature(entry, verify)))
      throw new LedgermeshError('BAD_SIGNATURE', `entry ${entry.header.seq} is not signed by its key`)
  return page
}

function checkOrder({ ledger, size }: VerifiedBasis, entries: readonly Entry[], order: Question['order']): void {
  let before: number | null = null
  for (const entry of entries) {
    const { seq } = entry.header
    if (ledgerOf(entry) !== ledger) throw bad(`entry ${seq} is of another ledger`)
    if (seq >= size) throw bad(`entry ${seq} is not below the checkpoint`)
    if (before !== null && (order === 'asc' ? seq <= before : seq >= before)) throw bad('the entries are not in order')
    before = seq
  }
}

/** The key entries and what is shown, each once. */
function leavesOf({ keys }: VerifiedBasis, entries: readonly Entry[]): ShownLeaf[] {
  const leaves = new Map<number, Hash>(keys.map(({ from, hash }) => [from, hash]))
  for (const { header, hash } of entries) {
    const known = leaves.get(header.seq)
    if (known !== undefined && known !== hash) throw bad(`two entries ${header.seq}`)
    leaves.set(header.seq, hash)
  }
  return [...leaves].map(([index, hash]) => ({ index, hash })).sort((a, b) => a.index - b.index)
}

function checkSpan({ from, to }: Span, entries: readonly Entry[], order: Question['order'], size: number): void {
  if (from > to || to > size || entries.length !== to - from) throw bad('the span is not the entries that are shown')
  const first = order === 'asc' ? from : to - 1
  // The entries are in order, each once, and as many as the span has, so it is enough that the first and the last are
  // inside the span.
  if (entries.length > 0 && (entries[0]!.header.seq !== first || entries.at(-1)!.header.seq !== from + to - 1 - first))
    throw bad('the span is not the entries that are shown')
}

/** The index that the entry names shows that these are the entries of the span that match, and those that may. */
function checkByIndex(
  { ledger, size }: VerifiedBasis,
  proof: IndexProof,
  named: Entry,
  entries: readonly Entry[],
  question: IndexQuestion
): void {
  const root = indexOf(named.header)
  if (root === null) throw bad('an entry that names no index')
  if (ledgerOf(named) !== ledger || named.header.seq >= size) throw bad('the index is not one of this tree')
  const headers = new Map(entries.map(({ header }) => [header.seq, header]))
  verifyIndexProof(root, question, proof, headers)
  const items = proof.run?.items.filter((item) => 'entry' in item) ?? []
  // Each is an item, at rising positions; so there is no other entry, as they are as many.
  if (items.length !== entries.length) throw bad('an entry that was not asked for')
}

async function asProof<T>(what: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!isCoded(error) || AS_THEY_ARE.has(error.code)) throw error
    throw new LedgermeshError('BAD_PROOF', `${what} does not check: ${error.message}`, undefined, { cause: error })
  }
}

function bad(what: string): LedgermeshError {
  return new LedgermeshError('BAD_PROOF', what)
}
