/**
 * Pure: which ledgers are offered to which remotes, and when. `handle(event, now)` gives effects; nothing here dials,
 * reads or writes.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Random } from '../../ports.js'
import {
  MAX_OFFERS,
  MAX_RETRY_MS,
  MAX_SESSIONS,
  REFUSED_MS,
  RETRY_BASE_MS,
  RETRY_MAX_MS,
  SLOW_AFTER,
  SLOW_MS,
  SPACING_MS
} from './limits.js'
import { hear, type Word } from './receipt.js'
import type { Flow, PushCode } from './types.js'

export type PushEvent =
  | { type: 'tick' }
  /** A flow begins, or existed before the start. */
  | { type: 'flow'; flow: Flow }
  /** `ledger` absent: all flows to the remote. */
  | { type: 'forget'; remote: LedgerId; ledger?: LedgerId }
  /** The number of entries of the ledger that are held here and may be offered. */
  | { type: 'size'; ledger: LedgerId; size: number }
  | { type: 'connected'; remote: LedgerId }
  | { type: 'disconnected'; remote: LedgerId }
  /** Nothing is offered to the remote from now on; `next`: until when, null: until it is requested. */
  | { type: 'closed'; remote: LedgerId; next: number | null }
  | { type: 'opened'; remote: LedgerId }
  /** It is requested now, whatever was decided before. */
  | { type: 'asked'; remote: LedgerId; ledger: LedgerId }
  | { type: 'word'; remote: LedgerId; ledger: LedgerId; word: Word }
  /** The offer of one ledger could not be made. */
  | {
      type: 'not-offered'
      remote: LedgerId
      ledger: LedgerId
      code: 'NOT_A_READER' | 'TOO_MANY_REFUSED' | 'REMOTE_UNTRUSTED'
    }
  /** The session is over. DENIED, BUSY, FAILED: it failed; null: it ended normally. */
  | { type: 'ended'; remote: LedgerId; code: 'DENIED' | 'BUSY' | 'FAILED' | null; retryMs?: number }

export type PushEffect =
  /** Answered by words, and always by `ended`. */
  | { type: 'offer'; remote: LedgerId; ledgers: LedgerId[] }
  /** End the session: there is more to offer. Answered by `ended` (null). */
  | { type: 'leave'; remote: LedgerId }
  /** The flow has changed. */
  | { type: 'changed'; flow: Flow }
  /** The remote claims to hold another branch: find the first difference. */
  | { type: 'differs'; remote: LedgerId; ledger: LedgerId; size: number }
  /** Send a tick at this time; it replaces the one before. */
  | { type: 'wake-at'; at: number }

interface RemoteState {
  readonly flows: Map<LedgerId, Flow>
  connected: boolean
  /** The ledgers of the session that runs, and how much of each was offered. */
  session: ReadonlyMap<LedgerId, number> | null
  leaving: boolean
  /** Not before this time. */
  nextAt: number
}

/** Codes that a repeated offer might change, but only after a while, or when something else changes. */
const SETTLED = new Set<PushCode>(['PENDING', 'DENIED', 'DIFFERS', 'NOT_A_READER'])
const UNDERWAY = new Set<PushCode>(['NO_CONNECTION', 'SCHEDULED', 'QUEUED', 'OFFERED', 'FETCHING', 'BUSY', 'FAILED'])
/** Codes of flows that are not offered yet, with nothing against it. */
const WAITING = new Set<PushCode>(['NO_CONNECTION', 'SCHEDULED', 'QUEUED', 'BUSY', 'FAILED'])

export class PushPlan {
  readonly #remotes = new Map<LedgerId, RemoteState>()
  readonly #sizes = new Map<LedgerId, number>()
  /** Remotes outside of their times, and when that ends. */
  readonly #closed = new Map<LedgerId, { next: number | null }>()
  readonly #random: Random
  readonly #auto: boolean
  #effects: PushEffect[] = []

  /** `auto` (default true): a grown ledger is offered automatically; otherwise only on request. */
  constructor({ random, auto = true }: { random: Random; auto?: boolean }) {
    this.#random = random
    this.#auto = auto
  }

  handle(event: PushEvent, now: number): PushEffect[] {
    this.#effects = []
    this.#take(event, now)
    this.#serve(now)
    return this.#effects
  }

  /** Of one ledger, or one remote, or both. */
  flows({ ledger, remote }: { ledger?: LedgerId; remote?: LedgerId } = {}): Flow[] {
    const remotes =
      remote === undefined
        ? [...this.#remotes.values()]
        : [this.#remotes.get(remote)].filter((one) => one !== undefined)
    return remotes
      .flatMap(({ flows }) => [...flows.values()])
      .filter((flow) => ledger === undefined || flow.ledger === ledger)
  }

  sizeOf(ledger: LedgerId): number {
    return this.#sizes.get(ledger) ?? 0
  }

  #take(event: PushEvent, now: number): void {
    switch (event.type) {
      case 'tick':
        return
      case 'flow':
        return this.#begin(event.flow)
      case 'forget':
        return this.#forget(event.remote, event.ledger)
      case 'size':
        return this.#sized(event.ledger, event.size)
      case 'connected':
        return this.#connected(event.remote)
      case 'disconnected':
        return this.#disconnected(event.remote)
      case 'closed':
        this.#closed.set(event.remote, { next: event.next })
        return this.#gate(event.remote)
      case 'opened':
        this.#closed.delete(event.remote)
        return this.#gate(event.remote)
      case 'asked':
        return this.#asked(event.remote, event.ledger)
      case 'word':
        return this.#heard(event.remote, event.ledger, event.word, now)
      case 'not-offered':
        return this.#change(event.remote, event.ledger, { code: event.code, next: now + REFUSED_MS })
      case 'ended':
        return this.#ended(event.remote, event.code, event.retryMs, now)
    }
  }

  #begin(flow: Flow): void {
    let remote = this.#remotes.get(flow.remote)
    if (remote === undefined)
      this.#remotes.set(
        flow.remote,
        (remote = { flows: new Map(), connected: false, session: null, leaving: false, nextAt: 0 })
      )
    if (remote.flows.has(flow.ledger)) return
    // Offers that were running when the last run ended are made again.
    const waits = flow.code === null || UNDERWAY.has(flow.code)
    remote.flows.set(
      flow.ledger,
      waits ? { ...flow, ...(this.#isBehind(flow) ? this.#idle(flow.remote) : { code: null, next: null }) } : flow
    )
  }

  #forget(id: LedgerId, ledger: LedgerId | undefined): void {
    const remote = this.#remotes.get(id)
    if (remote === undefined) return
    if (remote.session !== null && (ledger === undefined || remote.session.has(ledger))) this.#leave(id, remote)
    if (ledger === undefined) remote.flows.clear()
    else remote.flows.delete(ledger)
    if (remote.flows.size === 0 && remote.session === null && !remote.connected) this.#remotes.delete(id)
  }

  #sized(ledger: LedgerId, size: number): void {
    this.#sizes.set(ledger, size)
    for (const { flows } of this.#remotes.values()) {
      const flow = flows.get(ledger)
      if (flow === undefined) continue
      // After a cut: confirmed entries beyond it are no longer ours.
      const durable = Math.min(flow.durable, size)
      if (durable < flow.durable || (flow.code === null && durable < size))
        this.#put(flows, { ...flow, durable, ...(durable < size ? this.#idle(flow.remote) : { code: null }) })
    }
  }

  #connected(id: LedgerId): void {
    const remote = this.#remotes.get(id) ?? {
      flows: new Map<LedgerId, Flow>(),
      connected: false,
      session: null,
      leaving: false,
      nextAt: 0
    }
    this.#remotes.set(id, remote)
    remote.connected = true
    remote.nextAt = 0
    // The remote's operator may have decided meanwhile, or the remote may have another store: everything is offered
    // again.
    for (const flow of remote.flows.values())
      if (flow.code !== 'NOT_A_READER' && (this.#auto || flow.code === 'NO_CONNECTION'))
        this.#put(remote.flows, {
          ...flow,
          ...(this.#isBehind(flow) || (flow.store !== null && !this.#closed.has(id))
            ? this.#waiting(id)
            : { next: null })
        })
  }

  #disconnected(id: LedgerId): void {
    const remote = this.#remotes.get(id)
    if (remote === undefined) return
    remote.connected = false
    for (const flow of remote.flows.values())
      if (flow.code !== null && UNDERWAY.has(flow.code))
        this.#put(remote.flows, { ...flow, ...(this.#isBehind(flow) ? this.#waiting(id) : { code: null }) })
    if (remote.flows.size === 0 && remote.session === null) this.#remotes.delete(id)
  }

  #asked(id: LedgerId, ledger: LedgerId): void {
    const remote = this.#remotes.get(id)
    const flow = remote?.flows.get(ledger)
    if (remote === undefined || flow === undefined) return
    remote.nextAt = 0
    if (remote.session?.has(ledger) !== true) this.#put(remote.flows, { ...flow, ...this.#waiting(id), attempts: 0 })
  }

  /** Its times have begun or ended. A session that runs is let run. */
  #gate(id: LedgerId): void {
    const remote = this.#remotes.get(id)
    if (remote === undefined) return
    for (const flow of remote.flows.values())
      if (flow.code !== null && WAITING.has(flow.code) && remote.session?.has(flow.ledger) !== true)
        this.#put(remote.flows, { ...flow, ...this.#waiting(id) })
  }

  /** What an incomplete flow that was not requested waits for. */
  #idle(id: LedgerId): Pick<Flow, 'code' | 'next'> {
    return this.#auto ? this.#waiting(id) : { code: 'MANUAL', next: null }
  }

  /** Why it is not offered yet. */
  #waiting(id: LedgerId): Pick<Flow, 'code' | 'next'> {
    const closed = this.#closed.get(id)
    if (closed !== undefined) return { code: 'SCHEDULED', next: closed.next }
    return { code: this.#remotes.get(id)?.connected === true ? 'QUEUED' : 'NO_CONNECTION', next: null }
  }

  #heard(id: LedgerId, ledger: LedgerId, word: Word, now: number): void {
    const remote = this.#remotes.get(id)
    const flow = remote?.flows.get(ledger)
    if (remote === undefined || flow === undefined) return
    const after = hear(flow, word, this.sizeOf(ledger), now)
    this.#put(
      remote.flows,
      after.code !== null && !UNDERWAY.has(after.code) && after.code !== 'DIFFERS'
        ? { ...after, next: after.next ?? now + REFUSED_MS }
        : after
    )
    if (after.code === 'DIFFERS') this.#effects.push({ type: 'differs', remote: id, ledger, size: word.size })
  }

  #ended(id: LedgerId, code: 'DENIED' | 'BUSY' | 'FAILED' | null, retryMs: number | undefined, now: number): void {
    const remote = this.#remotes.get(id)
    if (remote?.session == null) return
    const { session, leaving } = remote
    remote.session = null
    remote.leaving = false
    for (const ledger of session.keys()) {
      const flow = remote.flows.get(ledger)
      if (flow === undefined || flow.code === null || (code === null && !UNDERWAY.has(flow.code))) continue
      if (code === null) {
        // Over before all of it was confirmed: the receiver's session ended, or this side left it.
        const attempts = leaving ? flow.attempts : flow.attempts + 1
        this.#put(remote.flows, {
          ...flow,
          attempts,
          ...this.#waiting(id),
          ...(leaving || attempts < 2 || this.#closed.has(id) ? {} : { next: now + this.#pause(attempts) })
        })
      } else if (code === 'DENIED')
        this.#put(remote.flows, { ...flow, attempts: flow.attempts + 1, code, next: now + REFUSED_MS })
      else
        this.#put(remote.flows, {
          ...flow,
          attempts: flow.attempts + 1,
          code: remote.connected ? code : 'NO_CONNECTION',
          next: now + (retryMs === undefined ? this.#pause(flow.attempts + 1) : Math.min(retryMs, MAX_RETRY_MS))
        })
    }
    if (remote.flows.size === 0 && !remote.connected) this.#remotes.delete(id)
  }

  #pause(attempts: number): number {
    if (attempts > SLOW_AFTER) return SLOW_MS * (0.75 + this.#random.next() / 2)
    const whole = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** (attempts - 1))
    return Math.ceil(whole / 2 + (this.#random.next() * whole) / 2)
  }

  /** Opens the sessions that are due, ends those that hold others up, and says when to look again. */
  #serve(now: number): void {
    let wake = Infinity
    const running = [...this.#remotes.values()].filter(({ session }) => session !== null).length
    let free = MAX_SESSIONS - running
    for (const [id, remote] of this.#remotes) {
      // When everything is confirmed, newer entries are offered in the next session, and waiting remotes get the slot.
      // Otherwise the session ends normally, with the remote's results for single entries.
      if (
        remote.session !== null &&
        this.#isOver(remote.flows, remote.session) &&
        (free <= 0 || [...remote.session].some(([ledger, offered]) => this.sizeOf(ledger) > offered))
      )
        this.#leave(id, remote)
      const due = this.#closed.has(id) ? [] : this.#due(remote, now)
      if (!remote.connected || due.length === 0) {
        if (remote.connected && !this.#closed.has(id))
          for (const { code, next } of remote.flows.values())
            if (code !== null && next !== null && next > now) wake = Math.min(wake, next)
        continue
      }
      if (remote.session !== null) {
        // A full session is let run: those that wait would only take its place.
        if (remote.session.size < MAX_OFFERS) this.#leave(id, remote)
        continue
      }
      if (remote.nextAt > now) wake = Math.min(wake, remote.nextAt)
      else if (free > 0) {
        free--
        this.#offer(id, remote, due, now)
      }
    }
    if (wake < Infinity) this.#effects.push({ type: 'wake-at', at: wake })
  }

  #due({ flows, session }: RemoteState, now: number): Flow[] {
    return [...flows.values()].filter(
      ({ ledger, code, next }) =>
        code !== null &&
        session?.has(ledger) !== true &&
        this.sizeOf(ledger) > 0 &&
        (next === null ? !SETTLED.has(code) && UNDERWAY.has(code) : next <= now)
    )
  }

  #offer(id: LedgerId, remote: RemoteState, due: Flow[], now: number): void {
    // Those that waited longest go first.
    const ledgers = due
      .sort((a, b) => (a.last ?? 0) - (b.last ?? 0))
      .slice(0, MAX_OFFERS)
      .map(({ ledger }) => ledger)
    remote.session = new Map(ledgers.map((ledger) => [ledger, this.sizeOf(ledger)]))
    remote.nextAt = now + SPACING_MS
    for (const ledger of ledgers)
      this.#put(remote.flows, { ...remote.flows.get(ledger)!, code: 'OFFERED', last: now, next: null })
    this.#effects.push({ type: 'offer', remote: id, ledgers })
  }

  #leave(id: LedgerId, remote: RemoteState): void {
    if (remote.leaving) return
    remote.leaving = true
    this.#effects.push({ type: 'leave', remote: id })
  }

  #isOver(flows: ReadonlyMap<LedgerId, Flow>, session: ReadonlyMap<LedgerId, number>): boolean {
    return [...session].every(([ledger, offered]) => (flows.get(ledger)?.durable ?? offered) >= offered)
  }

  #isBehind({ ledger, durable }: Flow): boolean {
    return durable < this.sizeOf(ledger)
  }

  #change(id: LedgerId, ledger: LedgerId, change: Partial<Flow>): void {
    const remote = this.#remotes.get(id)
    const flow = remote?.flows.get(ledger)
    if (remote !== undefined && flow !== undefined) this.#put(remote.flows, { ...flow, ...change })
  }

  #put(flows: Map<LedgerId, Flow>, flow: Flow): void {
    flows.set(flow.ledger, flow)
    this.#effects.push({ type: 'changed', flow })
  }
}
