/** Verifies a reply for the planner and the asker: no part is used before all of it is verified (I7). */
import type { QueryReply } from '../../../protocols/query/index.js'
import {
  verifyBasis,
  verifyPage,
  type PageIndex,
  type Question,
  type Span,
  type VerifiedBasis,
  type VerifiedPage
} from '../../core/answer-page.js'
import type { Entry, SignedHeader } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import { toHex } from '../../core/hash.js'
import { disputedFrom } from '../../core/judge-evidence.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { verifyConsistency } from '../../core/merkle.js'
import type { Verify } from '../../core/signature.js'
import type { AnswerPageText, AnswerPart } from '../../core/verify-answer.js'
import { verifyEvidence, type VerifiedEvidence } from '../../core/verify-evidence.js'
import type { EntryText, RawStatement } from '../../core/verify-proof.js'
import type { BelievedPage } from './fault-finder.js'
import type { KnownFault } from './index-faults.js'
import { indexFromWire } from './wire-index.js'
import type { Page, PageRequest } from '../../query/types.js'

export interface Asked {
  network: string
  ledger: LedgerId
  question: Question
  request: PageRequest
}

/** A verified reply. `basis` null: the ledger is frozen, and there is nothing below the freeze to show. */
export interface VerifiedReply {
  page: Page | null
  basis: VerifiedBasis | null
  /** The matching entries. */
  entries: Entry[]
  /** What an index said; null: it was not asked. */
  believed: BelievedPage | null
  evidence: VerifiedEvidence | null
  /** Why its index proves nothing; absent: no fault of it is known. */
  indexFault?: KnownFault
  /** A file against the author, not checked; null: none was shown. */
  offeredFault: Uint8Array | null
  checkpoint: string | null
  keyEntries: readonly SignedHeader[]
  /** For a file. */
  text: AnswerPageText
}

/**
 * Throws BAD_PROOF and BAD_EVIDENCE for a made-up reply; BAD_SIGNATURE for an entry that the author left unsigned;
 * UPGRADE_NEEDED, WRONG_NETWORK.
 */
export async function verifyReply(reply: QueryReply, asked: Asked, verify: Verify): Promise<VerifiedReply> {
  const { network, ledger, question, request } = asked
  const { checkpoint, keyEntries, consistency, evidence: file, indexFault: offeredFault } = reply.basis
  const evidence = file === null ? null : await checkEvidence(file, asked, verify)
  const text: AnswerPageText = { span: null, tree: reply.tree.map(toHex), entries: reply.entries.map(entryText) }
  if (checkpoint === null)
    return {
      page: null,
      basis: null,
      entries: [],
      believed: null,
      evidence,
      offeredFault,
      checkpoint,
      keyEntries,
      text
    }
  const basis = await verifyBasis({ network, ledger }, { keyEntries, checkpoint }, verify)
  if (request.treeSize !== null && basis.size !== request.treeSize)
    throw new LedgermeshError(
      'BAD_PROOF',
      `asked of the tree of ${request.treeSize} entries, shown one of ${basis.size}`
    )
  const index = reply.index === null ? null : indexFromWire(reply.index)
  if (index !== null) text.index = { entry: statement(index.entry), proof: index.proof }
  text.span = reply.all ? spanOf(reply, request, question.order, basis.size) : null
  const page = { span: text.span, tree: text.tree, entries: reply.entries, index }
  const verified = await verifyPage(basis, page, question, verify)
  const entries = verified.matching
  if (entries.length !== reply.count || !entries.every(({ header }) => isAskedFor(header.seq, request)))
    throw new LedgermeshError('BAD_PROOF', 'entries that were not asked for, or another number of them')
  return {
    page: {
      count: entries.length,
      bytes: reply.entries.reduce((sum, { header, payload }) => sum + header.length + (payload?.length ?? 0), 0),
      all: reply.all,
      byAuthor: index !== null,
      next: reply.next,
      size: basis.size,
      root: basis.root,
      linked: isLinked(basis, request, consistency.map(toHex)),
      frozen: evidence !== null && disputedFrom(evidence, { keys: basis.keys, size: basis.size }) !== null
    },
    basis,
    entries,
    believed: index === null ? null : believedPage(index, question, text.span!, verified),
    evidence,
    offeredFault,
    checkpoint,
    keyEntries,
    text
  }
}

function believedPage(
  { proof }: PageIndex,
  { filter }: Question,
  span: Span,
  { entries, named }: VerifiedPage
): BelievedPage {
  const { header, hash, raw } = named!
  const headers = new Map(entries.map((entry) => [entry.header.seq, entry.header]))
  return { index: { seq: header.seq, hash, raw }, question: { filter, ...span }, proof, headers }
}

/** The part of a file about a ledger that precedes its pages. */
export function partOf({ basis, checkpoint, keyEntries }: VerifiedReply): AnswerPart {
  return { ledger: basis!.ledger, key_entries: keyEntries.map(statement), checkpoint: checkpoint!, pages: [] }
}

async function checkEvidence(file: Uint8Array, { network, ledger }: Asked, verify: Verify): Promise<VerifiedEvidence> {
  const evidence = await verifyEvidence(file, { verify, network })
  if (evidence.ledger !== ledger) throw new LedgermeshError('BAD_EVIDENCE', 'it is against another ledger')
  return evidence
}

/** SPEC.md §6 of query: which entries a reply shows that is called all. */
function spanOf({ next }: QueryReply, { from, to }: PageRequest, order: Question['order'], size: number): Span {
  const end = Math.min(to ?? size, size)
  return order === 'asc'
    ? { from: Math.min(from, end), to: next ?? end }
    : { from: Math.min(next ?? from, end), to: end }
}

function isAskedFor(seq: number, { from, to }: PageRequest): boolean {
  return seq >= from && (to === null || seq < to)
}

/** Null: no checkpoint is known, or the known one is larger. */
function isLinked({ size, root }: VerifiedBasis, { known }: PageRequest, proof: string[]): boolean | null {
  if (known === null || known.size > size) return null
  return verifyConsistency({ size1: known.size, size2: size, root1: known.root, root2: root, proof })
}

function statement({ header, signature }: SignedHeader): RawStatement {
  return { header: Buffer.from(header).toString(), signature: toHex(signature) }
}

function entryText(entry: SignedHeader & { payload: Uint8Array | null }): EntryText {
  return { ...statement(entry), payload: entry.payload === null ? null : Buffer.from(entry.payload).toString() }
}
