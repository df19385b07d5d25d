/** Appends to the own ledger: reads the input, runs the hooks on it, and queues it for the next commit. */
import { isDeepStrictEqual } from 'node:util'
import { LedgermeshError } from '../../core/errors.js'
import { isHash, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { FoundEntry } from '../read/find-entries.js'
import type { LedgerContext } from '../write/context.js'
import {
  readInput,
  readInputs,
  writeInput,
  type AppendInput,
  type AppendOptions,
  type Authority
} from './append-input.js'
import { AppendQueue, type AppendRequest, type AppendTarget } from './append-queue.js'
import type { DraftInput } from './draft.js'
import { expectedOf, referencesTo, type Expected } from './expected.js'
import type { HookRunner } from './hooks.js'
import { viewOwn } from './view-own.js'

/** `existing`: this id was appended before with the same content; nothing was written. */
export interface Appended {
  entry: LedgerEntry
  existing: boolean
}

export interface AppenderInit {
  /** The own ledger. */
  ledger: LedgerId
  context: Pick<LedgerContext, 'rules' | 'held'>
  hooks: HookRunner
  /** What commits the queued entries. */
  target: AppendTarget
  /** The stored entries with these ids. */
  findIds: (ids: readonly string[]) => Promise<(FoundEntry | null)[]>
  /** Waits while the start is being confirmed; resolves without an error also when that takes too long. */
  confirmed: () => Promise<void>
}

/** Options of an append that only the node itself may use. */
export type AppendTerms = Partial<Pick<AppendRequest, 'key' | 'ends' | 'expected' | 'verbatim'>>

export class Appender {
  readonly #init: AppenderInit
  readonly #queue: AppendQueue
  #isReserved: (id: Hash) => Promise<boolean> = () => Promise.resolve(false)

  constructor(init: AppenderInit) {
    this.#init = init
    this.#queue = new AppendQueue(init.target)
  }

  /** Ids in the form of a hash that callers may not use for new entries. */
  reserveIds(isReserved: (id: Hash) => Promise<boolean>): void {
    this.#isReserved = isReserved
  }

  /** All of the inputs, next to each other, or none; durable when it resolves. */
  async append(
    inputs: AppendInput[],
    options: AppendOptions,
    authority: Authority,
    terms: AppendTerms = {}
  ): Promise<Appended[]> {
    // all of them now: what the caller changes later is not what it gave
    const read: DraftInput[] = readInputs(inputs, authority).map((input) => ({ given: input, made: input }))
    if (read.length === 0) return []
    const hashes = authority === 'caller' ? read.flatMap(({ given: { id } }) => (isHash(id) ? [id] : [])) : []
    if (hashes.length > 0) await this.#refuseReserved(hashes)
    const expected = options.expect === undefined ? (terms.expected ?? null) : await this.#expect(options.expect, read)
    const { hooks } = this.#init
    if (hooks.watchAppends) await this.#showHooks(read, authority, terms.verbatim === true)
    // R3: "Appends wait ≤ 10 s, then CONFIRMING (retryable)."
    await this.#init.confirmed()
    const drafted = await this.#queue.add({
      inputs: read,
      options,
      verbatim: false,
      key: null,
      ends: null,
      ...terms,
      expected
    })
    const appended = drafted.map(({ entry, existing }) => ({ entry: viewOwn(entry), existing }))
    for (const { entry, existing } of appended) if (!existing) await hooks.afterAppend(entry)
    return appended
  }

  /** Waits for accepted requests, and refuses new ones. */
  async close(): Promise<void> {
    await this.#queue.close()
  }

  async #showHooks(inputs: DraftInput[], authority: Authority, verbatim: boolean): Promise<void> {
    for (const input of inputs) {
      const seen = writeInput(input.given)
      await this.#init.hooks.beforeAppend(seen)
      input.made = readInput(seen, authority)
      if (verbatim && !isDeepStrictEqual(input.made, input.given))
        throw new LedgermeshError('INVALID_PARAMS', 'a beforeAppend hook changed a copy of another entry')
    }
  }

  /** Entries that exist already are not refused: the append returns them. Throws RESERVED_ID. */
  async #refuseReserved(ids: Hash[]): Promise<void> {
    const found = await this.#init.findIds(ids)
    for (const [i, id] of ids.entries())
      if (found[i] === null && (await this.#isReserved(id)))
        throw new LedgermeshError(
          'RESERVED_ID',
          `the id ${id} is reserved for the copy of the entry with that hash, which is about to be adopted`
        )
  }

  /** Adds references to the expected siblings, so that the entry itself records that they were seen. */
  async #expect(expect: NonNullable<AppendOptions['expect']>, inputs: DraftInput[]): Promise<Expected> {
    const { ledger, context } = this.#init
    const [input, ...more] = inputs
    if (more.length > 0) throw new LedgermeshError('INVALID_PARAMS', 'expect is for a single entry')
    const expected = expectedOf(context.rules, ledger, expect, input!.given)
    input!.given = input!.made = {
      ...input!.given,
      references: await referencesTo(context.held, ledger, expect.siblings, input!.given.references)
    }
    return expected
  }
}
