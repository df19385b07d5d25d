/**
 * Runs the effects that sync decides. Every effect that needs an answer is answered by exactly one event, in every
 * case.
 */
import type { Entry } from '../../core/entry.js'
import type { ErrorCode } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Sync } from '../../sync/sync.js'
import type { Fault, SyncEffect, SyncEvent } from '../../sync/types.js'
import { failureOf } from '../sessions/peer-fault.js'
import { fetchVerified, type AuthorsFault, type Decode } from './fetch-verified.js'
import type { ForkTracker } from '../forks/fork-tracker.js'
import { RangeStore, type RangeStoreInit } from './range-store.js'
import { HeadAsker, type HeadAskerInit } from './head-asker.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'
import { abortAfter } from '../runtime/deadline.js'

/** A fetch fails after this time; the protocols have shorter deadlines inside. */
const FETCH_TIMEOUT_MS = 120_000
/**
 * Interval in ms at which the clock is checked, because timers stop while the machine sleeps and the clock does not.
 */
const LOOK_MS = 2_000

export interface EffectsInit extends Omit<HeadAskerInit & RangeStoreInit, 'tell'> {
  sync: Pick<Sync, 'handle'>
  peerNetwork: HeadAskerInit['peerNetwork'] & Pick<PeerRequests, 'fetchRange' | 'drop'>
  /** Finds nodes of the ledger and connects to them; `more`: the most new connections. */
  findLedger: (ledger: LedgerId, more?: number) => Promise<void>
  verifier: Pick<Verifier, 'verify' | 'forPeer'>
  decode: Decode
  forks: ForkTracker
  /** A peer answered that our head is the newest. */
  onConfirmed: (ledger: LedgerId) => void
  /** Any status may have changed. */
  onEvent: (event: SyncEvent) => void
}

/** No fetch has this number. */
const NO_FETCH = -1

interface Fetch {
  ledger: LedgerId
  peer: string
  abort: AbortController
  entries: Entry[] | null
}

export class Effects {
  readonly #init: EffectsInit
  readonly #fetches = new Map<number, Fetch>()
  readonly #events: SyncEvent[] = []
  readonly #heads: HeadAsker
  readonly #ranges: RangeStore
  #cancelWake: () => void = () => {}
  #stopped = false

  constructor(init: EffectsInit) {
    this.#init = init
    const tell = (event: SyncEvent): void => {
      this.dispatch(event)
    }
    this.#heads = new HeadAsker({ ...init, tell })
    this.#ranges = new RangeStore({ ...init, tell })
  }

  /**
   * Passes an event to sync, and runs the resulting effects. An event caused by an effect is handled after all effects
   * of the event before.
   */
  dispatch(event: SyncEvent): void {
    if (this.#stopped || this.#events.push(event) > 1) return
    try {
      for (let next = this.#events[0]; next !== undefined; this.#events.shift(), next = this.#events[0]) {
        for (const effect of this.#init.sync.handle(next, this.#init.clock.now())) this.#perform(effect)
        this.#init.onEvent(next)
      }
    } finally {
      this.#events.length = 0
    }
  }

  /** Is a peer being asked for its head of the ledger? */
  isAsking(ledger: LedgerId): boolean {
    return this.#heads.isAsking(ledger)
  }

  /** Stores a verified range that no fetch waits for. null: it is stored, else why not, or not all of it. */
  async take(ledger: LedgerId, from: string, entries: Entry[]): Promise<ErrorCode | null> {
    let failed: ErrorCode | null = null
    const ranges = new RangeStore({
      ...this.#init,
      tell: (event) => {
        if (event.type === 'store-failed') failed = event.code
        this.dispatch(event)
      }
    })
    await ranges.store({ fetch: NO_FETCH, ledger, peer: from, entries })
    return failed
  }

  stop(): void {
    this.#stopped = true
    this.#cancelWake()
    for (const { abort } of this.#fetches.values()) abort.abort()
    this.#fetches.clear()
  }

  #perform(effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head':
        this.#run(this.#heads.ask(effect))
        break
      case 'fetch-range':
        this.#run(this.#fetchRange(effect))
        break
      case 'store':
        this.#run(this.#store(effect))
        break
      case 'discard':
        this.#discard(effect.fetch)
        break
      case 'find-fork':
        this.#run(this.#findFork(effect))
        break
      case 'confirmed':
        this.#init.onConfirmed(effect.ledger)
        break
      case 'dial':
        this.#run(this.#init.findLedger(effect.ledger, effect.more))
        break
      case 'drop':
        this.#init.peerNetwork.drop(effect.peer, effect.code)
        break
      case 'wake-at':
        this.#wakeAt(effect.at)
        break
    }
  }

  /** The methods below handle their own failures; any other error is a bug, and must be visible. */
  #run(work: Promise<unknown>): void {
    work.catch((error: Error) => {
      if (!this.#stopped) this.#init.log.error({ event: 'sync.effect-failed', error }, 'a sync effect failed')
    })
  }

  async #fetchRange({ fetch, ledger, peer, from, count }: Extract<SyncEffect, { type: 'fetch-range' }>): Promise<void> {
    const abort = new AbortController()
    const waiting: Fetch = { ledger, peer, abort, entries: null }
    this.#fetches.set(fetch, waiting)
    const cancel = abortAfter(this.#init.clock, FETCH_TIMEOUT_MS, abort)
    try {
      const { verifier, filtersOf } = this.#init
      const entries = await fetchVerified(
        this.#init,
        peer,
        { ledger, from, count, filters: filtersOf(ledger) },
        verifier.forPeer(peer),
        this.#fault(peer, ledger),
        abort.signal
      )
      if (!this.#fetches.has(fetch)) return
      waiting.entries = entries
      this.dispatch({ type: 'batch-verified', fetch, count: entries.length, bytes: bytesOf(entries) })
    } catch (error) {
      if (!this.#fetches.delete(fetch)) return
      const failure = failureOf(error)
      this.#init.log.debug(
        { event: 'sync.batch-failed', peer, ledger, from, count, code: failure.code, error: (error as Error).message },
        'a batch failed'
      )
      this.dispatch({ type: 'batch-failed', fetch, ...failure })
    } finally {
      cancel()
    }
  }

  async #store({ fetch, ledger }: Extract<SyncEffect, { type: 'store' }>): Promise<void> {
    const { entries, peer } = this.#fetches.get(fetch) ?? { entries: null, peer: '' }
    this.#fetches.delete(fetch)
    await this.#ranges.store({ fetch, ledger, peer, entries })
  }

  #fault(peer: string, id: LedgerId): AuthorsFault {
    const ledger = this.#init.ledgers.get(id)
    const { rules } = this.#init.forks
    return {
      header: async (raw) => ledger !== undefined && (await rules.header(peer, ledger, raw)),
      range: async (entries) => (ledger === undefined ? null : await rules.range(peer, ledger, entries))
    }
  }

  async #findFork({ ledger: id, peer, before }: Extract<SyncEffect, { type: 'find-fork' }>): Promise<void> {
    const ledger = this.#init.ledgers.get(id)
    let fault: Fault = 'none'
    let compared = false
    try {
      // Found: sync already knows of the freeze.
      if (ledger !== undefined && (await this.#init.forks.findFork(peer, ledger, before))) return
      compared = true
    } catch (error) {
      fault = failureOf(error).fault
      this.#init.log.info(
        { event: 'sync.fork-search-failed', peer, ledger: id, error: (error as Error).message },
        'the search for a fork failed'
      )
    }
    this.dispatch({ type: 'fork-not-found', ledger: id, peer, fault })
    // Another history that is no evidence (a thief's, with a key that the held chain has retired): its claimed entries
    // cannot be fetched.
    if (compared) this.dispatch({ type: 'heads', peer, heads: [], none: [id], denied: [] })
  }

  #discard(fetch: number): void {
    this.#fetches.get(fetch)?.abort.abort()
    this.#fetches.delete(fetch)
  }

  #wakeAt(at: number): void {
    this.#cancelWake()
    const wait = Math.max(0, at - this.#init.clock.now())
    this.#cancelWake = this.#init.clock.after(Math.min(wait, LOOK_MS), () => {
      if (wait > LOOK_MS) this.#wakeAt(at)
      else this.dispatch({ type: 'tick' })
    })
  }
}

/** Headers, signatures and payloads. */
function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce(
    (sum, { raw: { header, signature, payload } }) =>
      sum + header.byteLength + signature.byteLength + (payload?.byteLength ?? 0),
    0
  )
}
