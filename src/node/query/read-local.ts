/** The answer of a ledger held here: from its indexes, or with proofs, for a file. */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Question } from '../../core/answer-page.js'
import type { Verify } from '../../core/signature.js'
import type { AnswerPart } from '../../core/verify-answer.js'
import { WireError } from '../../../protocols/wire.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { OwnLedger } from '../../ledger/own-ledger.js'
import type { LocalPage, Page, PageRequest } from '../../query/types.js'
import type { AnswerMaker } from './answer-maker.js'
import { partOf, verifyReply, type VerifiedReply } from './verify-reply.js'
import { toWire } from './wire-filter.js'

export interface LocalAnswer {
  page: LocalPage
  entries: LedgerEntry[]
  /** Null: without proofs. */
  part: AnswerPart | null
}

export interface ReadLocalInit {
  maker: AnswerMaker
  verify: Verify
  /** Is the mirror known to be complete? */
  isSynced: (ledger: LedgerReader) => boolean
}

/** Pages that are read with proofs for one answer. */
const MAX_LOCAL_PAGES = 8

/** States of the own ledger in which entries of it may be missing here. */
const UNSURE: readonly string[] = ['restoring', 'failed']

export class ReadLocal {
  readonly #init: ReadLocalInit

  constructor(init: ReadLocalInit) {
    this.#init = init
  }

  async read(ledger: LedgerReader, question: Question, request: PageRequest, withProof: boolean): Promise<LocalAnswer> {
    const moved = await hasMoved(ledger, request)
    if (moved !== null) return { page: { ...moved, count: 0, bytes: 0, next: null }, entries: [], part: null }
    return (
      (withProof ? await this.#proved(ledger, question, request) : null) ??
      (await this.#read(ledger, question, request))
    )
  }

  async #read(ledger: LedgerReader, { filter, order }: Question, request: PageRequest): Promise<LocalAnswer> {
    const size = request.treeSize ?? ledger.visible
    const { found, next } = await ledger.walk(filter, {
      order,
      span: { from: request.from, to: Math.min(request.to ?? size, size) },
      limit: request.limit,
      maxBytes: request.maxBytes
    })
    return {
      page: {
        count: found.length,
        bytes: found.reduce((sum, { header, raw }) => sum + raw.header.length + header.payload_size, 0),
        next: next === null ? null : order === 'asc' ? next : next + 1,
        size,
        root: await ledger.rootAt(size),
        ...this.#standing(ledger)
      },
      entries: await ledger.reader.views(found, ledger.audited),
      part: null
    }
  }

  /** Null: there is no checkpoint to prove it by. */
  async #proved(ledger: LedgerReader, question: Question, request: PageRequest): Promise<LocalAnswer | null> {
    const replies: VerifiedReply[] = []
    let asked = request
    try {
      for (let pages = 0; pages < MAX_LOCAL_PAGES; pages++) {
        const reply = await this.#verified(ledger, question, asked)
        if (reply?.page == null) return null
        replies.push(reply)
        const { next, count, size, bytes } = reply.page
        asked = {
          ...asked,
          ...(question.order === 'asc' ? { from: next ?? 0 } : { to: next }),
          limit: asked.limit - count,
          maxBytes: asked.maxBytes - bytes,
          treeSize: size
        }
        // An index and what lies behind it come in two pages.
        if (next === null || asked.limit <= 0 || asked.maxBytes <= 0) break
      }
    } catch (error) {
      if (error instanceof WireError && error.code === 'UNAVAILABLE') return null
      throw error
    }
    const pages = replies.map(({ page }) => page!)
    const { size, root, next } = pages.at(-1)!
    const sum = (of: (page: Page) => number): number => pages.reduce((all, page) => all + of(page), 0)
    return {
      page: {
        count: sum(({ count }) => count),
        bytes: sum(({ bytes }) => bytes),
        next,
        size,
        root,
        ...this.#standing(ledger)
      },
      entries: await ledger.reader.views(
        replies.flatMap(({ entries }) => entries),
        ledger.audited
      ),
      part: { ...partOf(replies[0]!), pages: replies.map(({ text }) => text) }
    }
  }

  async #verified(ledger: LedgerReader, question: Question, request: PageRequest): Promise<VerifiedReply | null> {
    const { known, ...wanted } = request
    const { reply } = await this.#init.maker.select(ledger, {
      ...wanted,
      ledger: ledger.id,
      filter: toWire(question.filter),
      order: question.order,
      want: 'full',
      knownSize: known?.size ?? null
    })
    const of = { network: ledger.chain!.network, ledger: ledger.id, question, request }
    return await verifyReply(reply, of, this.#init.verify)
  }

  #standing(ledger: LedgerReader): { behind: boolean; frozen: boolean } {
    return {
      behind: ledger instanceof OwnLedger ? UNSURE.includes(ledger.signer) : !this.#init.isSynced(ledger),
      frozen: ledger.frozenAt !== null
    }
  }
}

/** A freeze below the earlier pages, or another branch since: the next page cannot continue them. */
async function hasMoved(
  ledger: LedgerReader,
  { treeSize, known }: PageRequest
): Promise<Pick<LocalPage, 'size' | 'root' | 'behind' | 'frozen'> | null> {
  if (treeSize === null || known === null) return null
  if (ledger.visible < treeSize)
    return { size: ledger.visible, root: null, behind: true, frozen: ledger.frozenAt !== null }
  const root = await ledger.rootAt(treeSize)
  if (root === known.root) return null
  return { size: treeSize, root, behind: true, frozen: ledger.frozenAt !== null }
}

/** Throws errors that are not of one ledger alone; a damaged ledger is reported as not answering. */
export function isDamage(error: unknown): boolean {
  return error instanceof LedgermeshError && (error.code === 'STORE_DAMAGED' || error.code === 'NOT_FOUND')
}
