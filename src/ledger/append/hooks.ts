/**
 * Plugin hooks, as in ANALYSIS.md. Before-hooks may refuse by throwing; an error in an after-hook is logged and undoes
 * nothing.
 */
import { readOptions, type Members } from '../../core/options.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Log } from '../../ports.js'
import type { AppendInput } from './append-input.js'
import type { QueryFilter, QueryResult } from '../read/query.js'
import type { ChainReport } from '../read/verify-chain.js'
import type { EntryKey } from '../read/entry-key.js'

type Maybe<T> = Promise<T> | T
/** The return type of hooks that only observe. */
type Nothing = undefined | void

/** `L` is the ledger type that the plugin sees. Extra members of a filter (`_crossLedger` …) belong to the plugins. */
export interface LedgerHooks<L> {
  /** May change the entry, which is a copy of the caller's input. */
  beforeAppend?: (entry: AppendInput, ledger: L) => Maybe<void>
  afterAppend?: (entry: LedgerEntry, ledger: L) => Maybe<void>
  /** May change the filter, or answer instead of the ledger. */
  beforeQuery?: (
    filter: QueryFilter & Record<string, unknown>,
    ledger: L
  ) => Maybe<{ shortCircuit: QueryResult } | { filter: QueryFilter } | Nothing>
  afterQuery?: (result: QueryResult, filter: QueryFilter, ledger: L) => Maybe<QueryResult | Nothing>
  /** May answer instead of the ledger. */
  beforeGet?: (key: EntryKey, ledger: L) => Maybe<LedgerEntry | Nothing>
  /** null hides the entry. */
  afterGet?: (entry: LedgerEntry | null, key: EntryKey, ledger: L) => Maybe<LedgerEntry | null | Nothing>
  beforeVerifyChain?: (from: number | undefined, limit: number | undefined, ledger: L) => Maybe<void>
  afterVerifyChain?: (report: ChainReport, ledger: L) => Maybe<ChainReport | Nothing>
}

const HOOKS: Members<LedgerHooks<unknown>> = {
  beforeAppend: true,
  afterAppend: true,
  beforeQuery: true,
  afterQuery: true,
  beforeGet: true,
  afterGet: true,
  beforeVerifyChain: true,
  afterVerifyChain: true
}

/** Runs the hooks of all plugins in the order in which they were added. */
export class HookRunner {
  readonly #log: Log
  readonly #plugins: { id: string; hooks: LedgerHooks<unknown>; ledger: unknown }[] = []

  constructor(log: Log) {
    this.#log = log
  }

  /**
   * `ledger` is passed to each hook. The returned function removes the hooks. Throws INVALID_PARAMS for an unknown hook
   * name: such a hook would never run.
   */
  add<L>(id: string, hooks: LedgerHooks<L>, ledger: L): () => void {
    readOptions(hooks as LedgerHooks<unknown>, HOOKS, 'hook')
    const plugin = { id, hooks: hooks as LedgerHooks<unknown>, ledger }
    this.#plugins.push(plugin)
    return () => {
      this.#plugins.splice(this.#plugins.indexOf(plugin), 1)
    }
  }

  /** Does any plugin have a hook that runs before entries are appended? */
  get watchAppends(): boolean {
    return this.#plugins.some(({ hooks }) => hooks.beforeAppend !== undefined)
  }

  async beforeAppend(input: AppendInput): Promise<void> {
    for (const { hooks, ledger } of this.#plugins) await hooks.beforeAppend?.(input, ledger)
  }

  async afterAppend(entry: LedgerEntry): Promise<void> {
    for (const { id, hooks, ledger } of this.#plugins)
      await this.#logged(id, 'afterAppend', undefined, async () => {
        await hooks.afterAppend?.(entry, ledger)
      })
  }

  async query(filter: QueryFilter, run: (filter: QueryFilter) => Promise<QueryResult>): Promise<QueryResult> {
    let asked = filter
    let result: QueryResult | undefined
    for (const { hooks, ledger } of this.#plugins) {
      const before = await hooks.beforeQuery?.(asked as QueryFilter & Record<string, unknown>, ledger)
      if (before && 'shortCircuit' in before) {
        result = before.shortCircuit
        break
      }
      if (before) asked = before.filter
    }
    let answer: QueryResult = result ?? (await run(asked))
    for (const { id, hooks, ledger } of this.#plugins) {
      const before: QueryResult = answer
      answer = await this.#logged(
        id,
        'afterQuery',
        before,
        async () => (await hooks.afterQuery?.(before, asked, ledger)) ?? before
      )
    }
    return answer
  }

  async get(key: EntryKey, run: () => Promise<LedgerEntry | null>): Promise<LedgerEntry | null> {
    let entry: LedgerEntry | null | undefined
    for (const { hooks, ledger } of this.#plugins) {
      entry = (await hooks.beforeGet?.(key, ledger)) as LedgerEntry | undefined
      if (entry !== undefined && entry !== null) break
    }
    entry ??= await run()
    for (const { id, hooks, ledger } of this.#plugins) {
      const before: LedgerEntry | null = entry
      entry = await this.#logged(id, 'afterGet', before, async () => {
        const after = (await hooks.afterGet?.(before, key, ledger)) as LedgerEntry | null | undefined
        return after === undefined ? before : after
      })
    }
    return entry
  }

  async verifyChain(span: { from?: number; limit?: number }, run: () => Promise<ChainReport>): Promise<ChainReport> {
    for (const { hooks, ledger } of this.#plugins) await hooks.beforeVerifyChain?.(span.from, span.limit, ledger)
    let report = await run()
    for (const { id, hooks, ledger } of this.#plugins) {
      const before = report
      report = await this.#logged(
        id,
        'afterVerifyChain',
        before,
        async () => (await hooks.afterVerifyChain?.(before, ledger)) ?? before
      )
    }
    return report
  }

  async #logged<T>(plugin: string, hook: string, otherwise: T, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      this.#log.error({ event: 'plugin.hook-failed', error, plugin, hook }, 'a plugin hook failed')
      return otherwise
    }
  }
}
