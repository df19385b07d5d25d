/**
 * Searches an entry that is not in the requested ledger elsewhere: in other held ledgers, then in followed ledgers that
 * are known to have more. The caller waits only for a short time; the pull continues afterwards.
 */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { EntryKey } from '../../ledger/read/entry-key.js'
import type { Clock, Log } from '../../ports.js'
import { Misses } from '../../sync/auto-pull/misses.js'
import type { Follows } from './follows.js'

/** Milliseconds that a caller waits: default and maximum. */
export const DEFAULT_BUDGET_MS = 250
export const MAX_BUDGET_MS = 2_000
/** Concurrent searches; further entries are not searched. */
const MAX_SEARCHES = 8
/** Most ledgers pulled for one entry: those with the oldest news come last. */
const MAX_PULLED = 8

/** Fetches one entry that is not held here, with its proof. Never throws; null: not found. */
export type RemoteSearch = (key: EntryKey, ledger: LedgerId | null, signal: AbortSignal) => Promise<LedgerEntry | null>

export interface AutoPullInit {
  ledgers: Ledgers
  follows: Pick<Follows, 'list' | 'has'>
  /** Ledgers that are known to have more than is held. */
  isBehind: (ledger: Ledger) => boolean
  /** Resolves when the ledger is synced or stalled. */
  pull: (ledger: Ledger) => Promise<void>
  budgetMs: number
  clock: Clock
  log: Log
}

export class AutoPull {
  readonly #init: AutoPullInit
  readonly #misses = new Misses()
  readonly #searches = new Map<string, Promise<LedgerEntry | null>>()
  readonly #stopping = new AbortController()
  readonly #end: () => void
  #remote: RemoteSearch | null = null

  constructor(init: AutoPullInit) {
    this.#init = init
    this.#end = init.ledgers.on('stored', ({ id }) => {
      this.#misses.grown(id)
    })
  }

  /** Fetches entries of ledgers that are not followed here. */
  useRemote(search: RemoteSearch): void {
    this.#remote = search
  }

  stop(): void {
    this.#end()
    this.#stopping.abort(new LedgermeshError('CLOSED', 'the node is stopping'))
  }

  /**
   * `named`: the ledger to search in; null: any. A seq names no entry of another ledger, so it is not searched
   * elsewhere. When nothing is found, the answer stays NOT_FOUND.
   */
  async find(key: EntryKey, named: LedgerId | null): Promise<LedgerEntry | null> {
    if ('seq' in key || this.#stopping.signal.aborted) return null
    const held = await this.#held(key, named)
    const entry = 'hash' in key ? key.hash : key.id
    const place = named ?? ''
    if (held !== null || this.#misses.isFresh(place, entry, this.#init.clock.now())) return held
    const name = `${place} ${'hash' in key ? 'hash' : 'id'} ${entry}`
    const running = this.#searches.get(name)
    if (running !== undefined) return await running
    if (this.#searches.size >= MAX_SEARCHES) return null
    const search = this.#search(key, named).finally(() => {
      this.#searches.delete(name)
    })
    this.#searches.set(name, search)
    const found = await search
    if (found === null) this.#misses.missed(place, entry, this.#init.clock.now())
    return found
  }

  /** Hooks do not run: they would search again. */
  async #held(key: EntryKey, named: LedgerId | null): Promise<LedgerEntry | null> {
    const { ledgers } = this.#init
    if (named !== null) return (await ledgers.get(named)?.read(key)) ?? null
    const own = await ledgers.own.read(key)
    if (own !== null) return own
    if ('hash' in key) {
      const found = await ledgers.findByHash(key.hash)
      return found === null ? null : await found.ledger.read({ seq: found.seq })
    }
    for (const ledger of ledgers.list()) {
      const entry = ledger.own ? null : await ledger.read(key)
      if (entry !== null) return entry
    }
    return null
  }

  async #search(key: EntryKey, named: LedgerId | null): Promise<LedgerEntry | null> {
    const { clock, budgetMs, ledgers } = this.#init
    const pulled = this.#candidates(named)
    if (pulled.length === 0 && this.#remote === null) return null
    const { promise, resolve } = Promise.withResolvers<LedgerEntry | null>()
    const over = new AbortController()
    const look = async (): Promise<void> => {
      const entry = await this.#held(key, named)
      if (entry !== null) resolve(entry)
    }
    const ends = [
      clock.after(budgetMs, () => {
        resolve(null)
      }),
      ledgers.on('stored', (ledger) => {
        if (pulled.includes(ledger)) this.#quietly(look())
      })
    ]
    const stop = (): void => {
      resolve(null)
    }
    this.#stopping.signal.addEventListener('abort', stop, { once: true })
    this.#quietly(
      Promise.all([
        ...pulled.map(async (ledger) => {
          await this.#init.pull(ledger)
        }),
        this.#remote?.(key, named, AbortSignal.any([over.signal, this.#stopping.signal])).then((entry) => {
          if (entry !== null) resolve(entry)
        })
      ])
        .then(look)
        .finally(stop)
    )
    const found = await promise
    for (const end of ends) end()
    over.abort(new LedgermeshError('CLOSED', 'no caller waits for it any more'))
    this.#stopping.signal.removeEventListener('abort', stop)
    return found
  }

  /** A named ledger is always pulled; others only when they are known to have more. */
  #candidates(named: LedgerId | null): Ledger[] {
    const { ledgers, follows, isBehind } = this.#init
    const followed = (named === null ? follows.list() : [named].filter((id) => follows.has(id))).flatMap(
      (id) => ledgers.get(id) ?? []
    )
    return named === null ? followed.filter(isBehind).slice(0, MAX_PULLED) : followed
  }

  /** Work that goes on after the caller got an answer: its failure is not reported to anyone. */
  #quietly(work: Promise<unknown>): void {
    work.catch((error: Error) => {
      this.#init.log.debug(
        { event: 'sync.auto-pull-failed', error: error.message },
        'a pull for one entry came to nothing'
      )
    })
  }
}
