import type { LedgerId } from '../core/ledger-id.js'
import type { Random } from '../ports.js'
import { busyUntil } from './backoff.js'
import type { FollowedLedger } from './followed-ledger.js'
import type { SyncLimits } from './limits.js'
import type { Peer } from './peer-book.js'
import type { SyncEffect } from './types.js'

/**
 * Gossip is a hint, this is the guarantee (DESIGN §5): every peer is asked for the heads of all followed ledgers when
 * it connects, then again and again for those that it has. One request to a peer at a time, the next after its answer.
 * For a synced ledger the peers take turns: the number of requests grows with the followed ledgers, not with the
 * connections.
 */
export class HeadExchange {
  /**
   * Ledgers with evidence: every peer is asked for them each time, because a peer with the other history counts as
   * having nothing, and may know the first difference (I4).
   */
  readonly frozen = new Set<FollowedLedger>()
  readonly #limits: SyncLimits
  readonly #random: Random
  readonly #ledgers: Map<LedgerId, FollowedLedger>
  readonly #emit: (effect: SyncEffect) => void

  constructor(options: {
    limits: SyncLimits
    random: Random
    ledgers: Map<LedgerId, FollowedLedger>
    emit: (effect: SyncEffect) => void
  }) {
    this.#limits = options.limits
    this.#random = options.random
    this.#ledgers = options.ledgers
    this.#emit = options.emit
  }

  connected(peer: Peer, now: number): void {
    peer.nextExchange = now
  }

  /** Sends the next request if it is time; returns the time of the next check. */
  turn(peer: Peer, now: number): number {
    if (peer.asking.size > 0) {
      const timeout = peer.askedAt + this.#limits.askTimeoutMs
      if (timeout > now) return timeout
      this.failed(peer, [...peer.asking], now)
    }
    if (peer.backoff.until > now) return peer.backoff.until
    if (peer.nextExchange <= now && peer.walk === null) {
      const full = peer.exchanges++ % this.#limits.fullExchangeEvery === 0
      // A live iterator: ledgers followed meanwhile are added at its end.
      peer.walk = (full ? this.#ledgers : peer.ledgers).keys()
      for (const { id } of this.frozen) peer.toAsk.add(id)
      peer.nextExchange = now + Math.ceil(this.#limits.headIntervalMs * (0.75 + this.#random.next() / 2))
    }
    const ledgers = this.#chunk(peer, now)
    if (ledgers.length === 0) return peer.nextExchange
    for (const ledger of ledgers) peer.asking.add(ledger.id)
    peer.askedAt = now
    this.#emit({ type: 'fetch-head', peer: peer.id, ledgers: ledgers.map(({ id, size }) => ({ ledger: id, size })) })
    return now + this.#limits.askTimeoutMs
  }

  answered(peer: Peer, ledger: LedgerId): void {
    peer.asking.delete(ledger)
  }

  failed(peer: Peer, ledgers: LedgerId[], now: number, retryMs?: number): void {
    for (const id of ledgers) {
      if (peer.asking.delete(id) && this.#ledgers.has(id)) peer.toAsk.add(id)
    }
    if (retryMs === undefined) peer.backoff.fail(now, this.#limits, this.#random)
    else peer.backoff.wait(busyUntil(now, retryMs, this.#limits))
  }

  #chunk(peer: Peer, now: number): FollowedLedger[] {
    const chunk = new Set<FollowedLedger>()
    for (const id of peer.toAsk) {
      if (chunk.size >= this.#limits.headsPerAsk) return [...chunk]
      peer.toAsk.delete(id)
      const ledger = this.#ledgers.get(id)
      if (ledger !== undefined && this.#asks(ledger, peer, now)) chunk.add(ledger)
    }
    while (peer.walk !== null && chunk.size < this.#limits.headsPerAsk) {
      const { done, value } = peer.walk.next()
      const ledger = done === true ? undefined : this.#ledgers.get(value)
      if (done === true) peer.walk = null
      else if (ledger !== undefined && this.#asks(ledger, peer, now) && this.#isTurn(ledger, peer, now))
        chunk.add(ledger)
    }
    return [...chunk]
  }

  /** Always when the peer is new, or when the ledger lacks entries, or only the confirmation that none are missing. */
  #isTurn(ledger: FollowedLedger, peer: Peer, now: number): boolean {
    const { headIntervalMs, headPeers, fullExchangeEvery } = this.#limits
    const heardMs = ledger.confirmedAt === null ? Infinity : now - ledger.confirmedAt
    if (peer.exchanges === 1 || heardMs > 1.5 * headIntervalMs || ledger.target(now) > ledger.size) return true
    const kind = ledger.views.has(peer.id) ? 'holder' : 'other'
    const intervalMs = kind === 'holder' ? headIntervalMs : headIntervalMs * fullExchangeEvery
    if (ledger.turns[kind] > now) return false
    ledger.turns[kind] = Math.max(ledger.turns[kind], now - intervalMs) + intervalMs / headPeers
    return true
  }

  #asks(ledger: FollowedLedger, peer: Peer, now: number): boolean {
    return ledger.listens && !ledger.isBanned(peer.id, now)
  }
}
