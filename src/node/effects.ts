/** Runs what sync decides. Every effect that asks for an answer is answered by exactly one event, whatever happens. */
import { verifyRange } from '../core/chain.js'
import { decodeEntry, type Entry } from '../core/entry.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Clock, Log } from '../ports.js'
import type { Sync } from '../sync/sync.js'
import type { Blame, SyncEffect, SyncEvent } from '../sync/types.js'
import { failureOf } from './failure.js'
import type { ForkWatch } from './fork-watch.js'
import type { HeadCheck } from './head-check.js'
import type { Mesh } from './mesh.js'
import { wants, type Wanted } from './filters.js'
import type { Verifier } from './verifier.js'

/** A fetch that is not done by then has failed; the protocols have tighter deadlines inside. */
const FETCH_TIMEOUT_MS = 120_000
const HEADS_TIMEOUT_MS = 15_000

export interface EffectsInit {
  sync: Sync
  mesh: Mesh
  ledgers: Ledgers
  verifier: Verifier
  forks: ForkWatch
  heads: HeadCheck
  clock: Clock
  log: Log
  filtersOf: (ledger: LedgerId) => Wanted
  /** New entries are stored and may be shown. */
  onStored: (ledger: Mirror, entries: Entry[]) => void
  /** Any status may have changed. */
  onEvent: () => void
}

interface Fetch { ledger: LedgerId, peer: string, abort: AbortController, entries: Entry[] | null }

export class Effects {
  readonly #init: EffectsInit
  readonly #fetches = new Map<number, Fetch>()
  #cancelWake: () => void = () => {}
  #stopped = false

  constructor (init: EffectsInit) {
    this.#init = init
  }

  /** Tells sync what happened, and does what it says. */
  dispatch (event: SyncEvent): void {
    if (this.#stopped) return
    for (const effect of this.#init.sync.handle(event, this.#init.clock.now())) this.#perform(effect)
    this.#init.onEvent()
  }

  stop (): void {
    this.#stopped = true
    this.#cancelWake()
    for (const { abort } of this.#fetches.values()) abort.abort()
  }

  #perform (effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head': this.#run(this.#fetchHeads(effect)); break
      case 'fetch-range': this.#run(this.#fetchRange(effect)); break
      case 'store': this.#run(this.#store(effect)); break
      case 'discard': this.#discard(effect.fetch); break
      case 'find-fork': this.#run(this.#findFork(effect)); break
      case 'dial': this.#run(this.#init.mesh.findLedger(effect.ledger)); break
      case 'drop': this.#init.mesh.drop(effect.peer, effect.code); break
      case 'wake-at': this.#wakeAt(effect.at); break
    }
  }

  /** The methods below answer their own failures; what escapes them is a bug, and must be seen. */
  #run (work: Promise<unknown>): void {
    work.catch((error: Error) => {
      if (!this.#stopped) this.#init.log.error({ error: error.message, stack: error.stack }, 'a sync effect failed')
    })
  }

  async #fetchHeads ({ peer, ledgers }: Extract<SyncEffect, { type: 'fetch-head' }>): Promise<void> {
    try {
      const { heads, same, none, denied } = await this.#init.mesh.askHeads(peer, ledgers, AbortSignal.timeout(HEADS_TIMEOUT_MS))
      const checked = await this.#init.heads.check(peer, heads)
      for (const ledger of same) {
        const held = this.#init.ledgers.get(ledger)
        // `same` says: not more than you asked with. Our size may have grown since; the next exchange tells.
        if (held?.headHash != null) checked.push({ ledger, size: ledgers.find((asked) => asked.ledger === ledger)!.size, hash: held.headHash })
      }
      this.dispatch({ type: 'heads', peer, heads: checked.filter(({ size }) => size > 0), none, denied })
    } catch (error) {
      this.#init.log.debug({ peer, error: (error as Error).message }, 'a head exchange failed')
      this.dispatch({ type: 'heads-failed', peer, ledgers: ledgers.map(({ ledger }) => ledger), ...failureOf(error) })
    }
  }

  async #fetchRange ({ fetch, ledger, peer, from, count }: Extract<SyncEffect, { type: 'fetch-range' }>): Promise<void> {
    const abort = new AbortController()
    const waiting: Fetch = { ledger, peer, abort, entries: null }
    this.#fetches.set(fetch, waiting)
    try {
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)])
      const raw = await this.#init.mesh.fetchRange(peer, { ledger, from, count, filters: this.#init.filtersOf(ledger) }, signal)
      const entries = raw.map(decodeEntry)
      if (entries[0]?.header.seq !== from) throw new LedgermeshError('MALFORMED', 'the range does not start where it was asked to')
      await verifyRange(ledger, entries, this.#init.verifier.forPeer(peer))
      if (!this.#fetches.has(fetch)) return
      waiting.entries = entries
      this.dispatch({ type: 'batch-verified', fetch, count: entries.length })
    } catch (error) {
      if (!this.#fetches.delete(fetch)) return
      const failure = failureOf(error)
      this.#init.log.debug({ peer, ledger, from, count, code: failure.code, error: (error as Error).message }, 'a batch failed')
      this.dispatch({ type: 'batch-failed', fetch, ...failure })
    }
  }

  async #store ({ fetch, ledger: id }: Extract<SyncEffect, { type: 'store' }>): Promise<void> {
    const entries = this.#fetches.get(fetch)?.entries
    this.#fetches.delete(fetch)
    const ledger = this.#init.ledgers.get(id)
    if (entries == null || ledger === undefined) return
    try {
      const filters = this.#init.filtersOf(id)
      const { size, headHash } = await ledger.ingest(entries, { payloadStates: ({ header }) => wants(filters, header) ? 'missing' : 'filtered' })
      this.#init.onStored(ledger, entries)
      this.dispatch({ type: 'stored', ledger: id, fetch, size, headHash })
    } catch (error) {
      const code: ErrorCode = isCoded(error) ? error.code : 'STORE_FAILED'
      this.#init.log.warn({ ledger: id, from: entries[0]!.header.seq, code, error: (error as Error).message }, 'a verified range was not stored')
      this.dispatch({ type: 'store-failed', ledger: id, fetch, code })
    }
  }

  async #findFork ({ ledger: id, peer, before }: Extract<SyncEffect, { type: 'find-fork' }>): Promise<void> {
    const ledger = this.#init.ledgers.get(id)
    let blame: Blame = 'nobody'
    try {
      // Found: the freeze has told sync already.
      if (ledger !== undefined && await this.#init.forks.search(peer, ledger, before)) return
    } catch (error) {
      blame = failureOf(error).blame
      this.#init.log.info({ peer, ledger: id, error: (error as Error).message }, 'the search for a fork failed')
    }
    this.dispatch({ type: 'fork-not-found', ledger: id, peer, blame })
  }

  #discard (fetch: number): void {
    this.#fetches.get(fetch)?.abort.abort()
    this.#fetches.delete(fetch)
  }

  #wakeAt (at: number): void {
    this.#cancelWake()
    this.#cancelWake = this.#init.clock.after(Math.max(0, at - this.#init.clock.now()), () => { this.dispatch({ type: 'tick' }) })
  }
}
