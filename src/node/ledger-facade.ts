/** The ledgers held here as their users see them: the own one through all hooks, mirrors to read. */
import { LedgermeshError, isCoded } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Mirror } from '../ledger/mirror.js'
import { appended } from './appended.js'
import type { AppendInput, AppendOptions, Appended, ChainVerification, EntryPointer, EntryVerification, LedgerChoice, QueryFilters, QueryResult } from './api.js'

export class LedgerFacade {
  readonly #ledgers: Ledgers

  constructor (ledgers: Ledgers) {
    this.#ledgers = ledgers
  }

  /** The own ledger. */
  get id (): LedgerId {
    return this.#ledgers.own.id
  }

  /** Durable when it resolves. */
  async append (input: AppendInput, options: AppendOptions = {}): Promise<Appended> {
    return appended(await this.#ledgers.own.append(input, options))
  }

  /** All or nothing, in one commit. */
  async appendBatch (inputs: AppendInput[], options: AppendOptions = {}): Promise<Appended[]> {
    return (await this.#ledgers.own.appendBatch(inputs, options)).map(appended)
  }

  async get (pointer: EntryPointer, ledger?: LedgerChoice): Promise<LedgerEntry | null> {
    if (ledger !== '*') return await this.held(ledger).get(pointer)
    if ('hash' in pointer) {
      const found = await this.#ledgers.findByHash(pointer.hash)
      return found === null ? null : await found.ledger.get({ seq: found.seq })
    }
    for (const one of this.#ledgers.list()) {
      const entry = await one.get(pointer)
      if (entry !== null) return entry
    }
    return null
  }

  /** By seq; over all ledgers (`*`) by ledger id first. */
  async query (filters: QueryFilters, ledger?: LedgerChoice): Promise<QueryResult> {
    return ledger === '*' ? await this.#ledgers.query(filters) : await this.held(ledger).query(filters)
  }

  async verifyEntry (pointer: EntryPointer, ledger?: LedgerId): Promise<EntryVerification> {
    const held = this.held(ledger)
    const entry = await held.get(pointer)
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${held.id}`)
    const verdict = { ledger: held.id, seq: entry.seq, hash: entry.hash }
    try {
      if (await held.verifyEntry({ seq: entry.seq })) return { valid: true, ...verdict, problem: null }
      return { valid: false, ...verdict, problem: { code: 'BAD_SIGNATURE', message: 'the entry is not signed by its key' } }
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      return { valid: false, ...verdict, problem: { code: error.code, message: error.message } }
    }
  }

  /** Re-reads everything from the disk; the first problem is part of the answer. */
  async verifyChain (range: { from?: number, limit?: number } = {}, ledger?: LedgerId): Promise<ChainVerification> {
    const report = await this.held(ledger).verifyChain(range)
    const { signatures, none, ...payloads } = report.counts
    return { valid: report.valid, ledger: report.ledger, from: report.from, entries: report.entries, signatures, payloads: { ...payloads, none }, timestampsGoingBack: report.warnings, problem: report.firstInvalid }
  }

  /** The ledger to work on: the own one by default. Throws NOT_FOUND. */
  held (id?: LedgerId): Mirror {
    const ledger = id === undefined ? this.#ledgers.own : this.#ledgers.get(id)
    if (ledger === undefined) throw new LedgermeshError('NOT_FOUND', `ledger ${id!} is not held here`)
    return ledger
  }
}
