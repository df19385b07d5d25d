/**
 * Runs the effects of the push plan: opens sessions, reads the remotes' answers, and reports connected peers and grown
 * ledgers to the plan.
 */
import {
  offer,
  push,
  reasonOf,
  type Decision,
  type Offer,
  type Progress,
  type PushNews,
  type Run,
  type Results
} from '../../../protocols/push/index.js'
import { isViolation, WireError } from '../../../protocols/wire.js'
import { fromHex, toHex } from '../../core/hash.js'
import { BoundedMap } from '../../core/bounded.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log, Random } from '../../ports.js'
import { PushPlan, type PushEffect, type PushEvent } from '../../sync/push/push-plan.js'
import type { Word } from '../../sync/push/receipt.js'
import type { Flow, OfferMode, OfferReason } from '../../sync/push/types.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { FlowBook } from './flow-book.js'
import type { ExceptionBook } from '../sync-state/exception-book.js'
import { noteResults } from '../sync-state/heard-results.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import { isSettled } from './flow-view.js'
import type { Remotes } from './remotes.js'

/** Flows whose confirmation is timed at once. */
const MAX_TIMED = 1_024
/** Flows whose latest results are kept, each at most as long as one answer. */
const MAX_RESULTS = 64

/** How a remote is asked to take a ledger, when a caller pushes it. */
export interface Wish {
  mode?: OfferMode
  filters?: SyncFilters
}

export interface PusherInit {
  peerNetwork: PeerNetwork
  ledgers: Ledgers
  remotes: Remotes
  book: FlowBook
  /** Are grown ledgers offered automatically? */
  auto: boolean
  /** Does the own ledger trust the remote as much as this node's rule requires? */
  isTrusted: (remote: LedgerId) => boolean
  /** Entries that remotes refuse individually. */
  exceptions: ExceptionBook
  clock: Clock
  random: Random
  log: Log
  /** Called when a remote has decided about an offer; and with the time until a receipt for all of it, in seconds. */
  onDecided: (decision: string, reason: OfferReason | null) => void
  onConfirmed: (seconds: number) => void
  /** The peer claims to hold another history of the ledger, which differs somewhere below entry `before`. */
  onDiffers: (peer: string, ledger: LedgerId, before: number) => void
  /** A state that a caller may wait for has changed. */
  onChange: () => void
}

export class Pusher {
  readonly #init: PusherInit
  readonly #plan: PushPlan
  readonly #events: PushEvent[] = []
  /** The connected peers of each remote, in the order in which they connected. */
  readonly #peers = new Map<LedgerId, Set<string>>()
  readonly #offeredAt = new BoundedMap<string, number>(MAX_TIMED)
  readonly #sessions = new Map<LedgerId, AbortController>()
  /** By ledger and remote, until a session of them has ended well. */
  readonly #wishes = new Map<string, Wish>()
  /** By ledger and remote: what it said of single entries in its latest session. */
  readonly #heardOf = new BoundedMap<string, readonly Run[]>(MAX_RESULTS)
  /** Flows that were asked to be tried again, until a session of them has ended well. */
  readonly #retried = new Set<string>()
  readonly #stopping = new AbortController()
  #cancelWake: () => void = () => {}

  constructor(init: PusherInit) {
    this.#init = init
    this.#plan = new PushPlan(init)
  }

  /** Confirmations from before this start. */
  begin(flows: Flow[]): void {
    for (const flow of flows) this.dispatch({ type: 'flow', flow })
    this.onGrown()
  }

  stop(): void {
    this.#stopping.abort(new WireError('CLOSED', 'the node is stopping'))
    this.#cancelWake()
  }

  flows(which: { ledger?: LedgerId; remote?: LedgerId } = {}): Flow[] {
    return this.#plan.flows(which)
  }
  sizeOf(ledger: LedgerId): number {
    return this.#plan.sizeOf(ledger)
  }
  peersOf(remote: LedgerId): string[] {
    return [...(this.#peers.get(remote) ?? [])]
  }

  /** Adds a flow of the ledger to the remote: offered automatically, or otherwise on request. */
  keep(ledger: LedgerId, remote: LedgerId): void {
    if (this.#init.auto) this.want(ledger, remote)
    else this.#add(ledger, remote)
  }

  /** Offers the ledger to the remote, at once if it is connected. */
  want(ledger: LedgerId, remote: LedgerId, wish: Wish = {}): void {
    if (wish.mode !== undefined || wish.filters !== undefined) this.#wishes.set(`${ledger} ${remote}`, wish)
    this.#add(ledger, remote)
    this.dispatch({ type: 'asked', remote, ledger })
  }

  /** Offers it although no more refusals of it can be noted: what is taken now makes room for others. */
  retry(ledger: LedgerId, remote: LedgerId): void {
    this.#retried.add(`${ledger} ${remote}`)
    this.want(ledger, remote)
  }

  /** What the remote said of single entries of the ledger in its latest session. */
  resultsOf(ledger: LedgerId, remote: LedgerId): readonly Run[] {
    return this.#heardOf.get(`${ledger} ${remote}`) ?? []
  }

  #add(ledger: LedgerId, remote: LedgerId): void {
    if (this.flows({ ledger, remote }).length === 0) {
      this.dispatch({
        type: 'flow',
        flow: { ledger, remote, durable: 0, store: null, code: 'NO_CONNECTION', attempts: 0, last: null, next: null }
      })
      this.onGrown()
    }
    for (const { peer, ledger: theirs } of this.#init.peerNetwork.connections.peers())
      if (theirs === remote) this.#joined(peer, remote)
  }

  /** Trust has changed. */
  onTrust(): void {
    for (const { ledger, remote, code } of this.flows())
      if (code === 'REMOTE_UNTRUSTED' && this.#init.isTrusted(remote)) this.want(ledger, remote)
  }

  /** Ends flows to the remote; `ledger` absent: all of them. */
  forget(remote: LedgerId, ledger?: LedgerId): void {
    for (const flow of this.flows({ remote, ...(ledger !== undefined && { ledger }) }))
      this.#init.book.delete(flow.ledger, remote)
    for (const flow of [...this.#retried, ...this.#wishes.keys()])
      if (flow.endsWith(` ${remote}`) && (ledger === undefined || flow.startsWith(`${ledger} `))) {
        this.#retried.delete(flow)
        this.#wishes.delete(flow)
      }
    this.dispatch({ type: 'forget', remote, ...(ledger !== undefined && { ledger }) })
  }

  /** A ledger may have more entries to offer. */
  onGrown(): void {
    for (const ledger of new Set(this.flows().map((flow) => flow.ledger))) {
      const size = this.#init.ledgers.get(ledger)?.visible ?? 0
      if (size !== this.sizeOf(ledger)) this.dispatch({ type: 'size', ledger, size })
    }
  }

  /** The peer has shown its ledger. */
  met(peer: string): void {
    const ledger = this.#init.peerNetwork.connections.peers().find((one) => one.peer === peer)?.ledger ?? null
    for (const [remote, peers] of this.#peers) if (remote !== ledger && peers.has(peer)) this.#left(peer, remote)
    if (ledger !== null) this.#joined(peer, ledger)
  }

  onDisconnected(peer: string): void {
    for (const [remote, peers] of this.#peers) if (peers.has(peer)) this.#left(peer, remote)
  }

  /** An event caused by an effect is handled after all effects of the event before. */
  dispatch(event: PushEvent): void {
    if (this.#stopping.signal.aborted || this.#events.push(event) > 1) return
    try {
      for (let next = this.#events[0]; next !== undefined; this.#events.shift(), next = this.#events[0]) {
        for (const effect of this.#plan.handle(next, this.#init.clock.now())) this.#perform(effect)
      }
    } finally {
      this.#events.length = 0
    }
    this.#init.onChange()
  }

  #joined(peer: string, remote: LedgerId): void {
    const peers = this.#peers.get(remote) ?? new Set()
    this.#peers.set(remote, peers)
    const first = peers.size === 0
    peers.add(peer)
    if (first) this.dispatch({ type: 'connected', remote })
  }

  #left(peer: string, remote: LedgerId): void {
    const peers = this.#peers.get(remote)!
    peers.delete(peer)
    if (peers.size > 0) return
    this.#peers.delete(remote)
    this.dispatch({ type: 'disconnected', remote })
  }

  #perform(effect: PushEffect): void {
    switch (effect.type) {
      case 'offer':
        this.#session(effect.remote, effect.ledgers).catch((error: Error) => {
          this.#init.log.error({ event: 'push.session-failed', peer: effect.remote, error }, 'a push session failed')
        })
        break
      case 'leave':
        this.#sessions.get(effect.remote)?.abort(new WireError('CLOSED', 'there is more to offer'))
        break
      case 'changed':
        this.#changed(effect.flow)
        break
      case 'differs': {
        const [peer] = this.peersOf(effect.remote)
        if (peer !== undefined) this.#init.onDiffers(peer, effect.ledger, effect.size)
        break
      }
      case 'wake-at':
        this.#cancelWake()
        this.#cancelWake = this.#init.clock.after(Math.max(0, effect.at - this.#init.clock.now()), () => {
          this.dispatch({ type: 'tick' })
        })
    }
  }

  /** A push to a peer that is not a remote ends when it is confirmed, or stands still. */
  #changed(flow: Flow): void {
    const { remotes, book, clock } = this.#init
    const { ledger, remote } = flow
    this.#time(flow)
    if (remotes.isPushed(remote)) book.put(flow)
    // Not before waiting callers were notified.
    else if (isSettled(flow))
      clock.after(0, () => {
        if (!remotes.isPushed(remote) && this.flows({ ledger, remote }).every((one) => isSettled(one)))
          this.forget(remote, ledger)
      })
  }

  async #session(remote: LedgerId, ledgers: LedgerId[]): Promise<void> {
    const leaving = new AbortController()
    this.#sessions.set(remote, leaving)
    let end: Extract<PushEvent, { type: 'ended' }> = { type: 'ended', remote, code: null }
    try {
      const [peer] = this.peersOf(remote)
      const offers = peer === undefined ? [] : await this.#offers(peer, remote, ledgers)
      if (offers.length > 0)
        await this.#talk(peer!, remote, offers, AbortSignal.any([leaving.signal, this.#stopping.signal]))
    } catch (error) {
      if (!leaving.signal.aborted) end = { ...end, ...this.#failure(remote, error) }
    } finally {
      this.#sessions.delete(remote)
      this.dispatch(end)
    }
  }

  async #offers(peer: string, remote: LedgerId, ledgers: LedgerId[]): Promise<Offer[]> {
    const { peerNetwork, exceptions } = this.#init
    const offers: Offer[] = []
    for (const id of ledgers) {
      const ledger = this.#init.ledgers.get(id)
      const place = this.#placeOf(remote, id)
      const full = place !== null && !this.#retried.has(`${id} ${remote}`) && (await exceptions.isFull(place))
      const head = ledger?.head() ?? null
      // An offer reveals that the ledger exists, so it is made only to readers.
      if (ledger === undefined || head === null || !peerNetwork.rights.may(peer, ledger, 'sync'))
        this.dispatch({ type: 'not-offered', remote, ledger: id, code: 'NOT_A_READER' })
      else if (!this.#init.isTrusted(remote))
        this.dispatch({ type: 'not-offered', remote, ledger: id, code: 'REMOTE_UNTRUSTED' })
      else if (full) this.dispatch({ type: 'not-offered', remote, ledger: id, code: 'TOO_MANY_REFUSED' })
      else {
        const { mode = 'either', filters } = this.#wishes.get(`${id} ${remote}`) ?? {}
        const { header, signature } = head
        offers.push({ ledger: id, header, signature, mode, ...(filters !== undefined && { filter: filters }) })
      }
    }
    return offers
  }

  /** null: nothing is stored about individual entries. */
  #placeOf(remote: LedgerId, ledger: LedgerId): FlowPlace | null {
    const { remotes, ledgers } = this.#init
    const row = remotes.get(remote)
    const ledgerNumber = ledgers.get(ledger)?.ledgerNumber
    return row?.push !== true || ledgerNumber === undefined
      ? null
      : { ledgerNumber, direction: 'outbound', remote: row.number }
  }

  async #talk(peer: string, remote: LedgerId, offers: Offer[], signal: AbortSignal): Promise<void> {
    const token = this.#init.remotes.get(remote)?.token ?? null
    const stream = await this.#init.peerNetwork.host.open(peer, push, signal)
    for await (const news of offer(stream, { offers, ...(token !== null && { token: fromHex(token) }) }, { signal }))
      await this.#hear(remote, news)
    for (const { ledger } of offers) this.#retried.delete(`${ledger} ${remote}`)
    for (const { ledger, mode, filter } of offers) {
      const wish = this.#wishes.get(`${ledger} ${remote}`)
      // One that came since waits for the next session.
      if (wish !== undefined && (wish.mode ?? 'either') === mode && wish.filters === filter)
        this.#wishes.delete(`${ledger} ${remote}`)
    }
  }

  async #hear(remote: LedgerId, news: PushNews): Promise<void> {
    if (news.kind === 'results') {
      await this.#results(remote, news.results)
      return
    }
    const about = news.kind === 'decision' ? news.decision : news.progress
    const word = news.kind === 'decision' ? await this.#decided(news.decision) : await this.#moved(news.progress)
    this.dispatch({ type: 'word', remote, ledger: about.ledger, word })
  }

  async #results(remote: LedgerId, { ledger: id, runs }: Results): Promise<void> {
    this.#heardOf.set(`${id} ${remote}`, runs)
    const place = this.#placeOf(remote, id)
    const ledger = this.#init.ledgers.get(id)
    if (place === null || ledger === undefined || this.flows({ remote, ledger: id }).length === 0) return
    if (!(await noteResults(this.#init.exceptions, place, ledger, runs)))
      this.dispatch({ type: 'not-offered', remote, ledger: id, code: 'TOO_MANY_REFUSED' })
  }

  /** The time from the first offer of unconfirmed entries to the receipt for all of them. */
  #time({ ledger, remote, code }: Flow): void {
    const now = this.#init.clock.now()
    const key = `${ledger} ${remote}`
    const since = this.#offeredAt.get(key)
    if (code === 'OFFERED') this.#offeredAt.set(key, since ?? now)
    if (code !== null || since === undefined) return
    this.#offeredAt.delete(key)
    this.#init.onConfirmed((now - since) / 1000)
  }

  async #decided({ ledger, decision, size, hash, store, reason, retryMs }: Decision): Promise<Word> {
    this.#init.onDecided(decision, reason === 0 ? null : reasonOf(reason))
    return {
      kind: decision,
      size,
      isOurs: await this.#isOurs(ledger, size, hash),
      store: store === null ? null : toHex(store),
      reason: reason === 0 ? null : reasonOf(reason),
      ...(retryMs !== undefined && { retryMs })
    }
  }

  async #moved({ ledger, durable, hash, stall }: Progress): Promise<Word> {
    return {
      kind: 'progress',
      size: durable,
      isOurs: await this.#isOurs(ledger, durable, hash),
      reason: stall === 0 ? null : reasonOf(stall)
    }
  }

  /** A size alone may belong to another branch. null: not known. */
  async #isOurs(id: LedgerId, size: number, hash: Uint8Array | null): Promise<boolean | null> {
    const ledger = this.#init.ledgers.get(id)
    const ours = hash === null || ledger === undefined || size > ledger.visible ? null : await ledger.hashAt(size - 1)
    return ours === null ? null : ours === toHex(hash!)
  }

  #failure(remote: LedgerId, error: unknown): { code: 'DENIED' | 'BUSY' | 'FAILED'; retryMs?: number } {
    const { log, peerNetwork } = this.#init
    if (isViolation(error))
      for (const peer of this.peersOf(remote).slice(0, 1)) peerNetwork.requests.drop(peer, 'MALFORMED')
    log.debug(
      { event: 'push.session-ended', peer: remote, error: (error as Error).message },
      'a push session ended early'
    )
    if (!(error instanceof WireError)) return { code: 'FAILED' }
    if (error.code === 'DENIED') return { code: 'DENIED' }
    return error.code === 'BUSY'
      ? { code: 'BUSY', ...(error.retryMs !== undefined && { retryMs: error.retryMs }) }
      : { code: 'FAILED' }
  }
}
