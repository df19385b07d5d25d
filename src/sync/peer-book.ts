import { BoundedMap } from '../core/bounded.js'
import type { LedgerId } from '../core/ledger-id.js'
import { Backoff } from './backoff.js'
import type { SyncLimits } from './limits.js'

/** A connected peer. */
export class Peer {
  readonly id: string
  readonly backoff: Backoff
  /** It asked for no range requests until then; heads cost it next to nothing. */
  busyUntil = 0
  /** Fetches in flight. */
  inFlight = 0
  /** Ledgers of which it has (or denies) something. */
  readonly ledgers = new Set<LedgerId>()
  /** Ledgers that wait for one of its slots, first come first served. */
  readonly waiting = new Set<LedgerId>()

  /** Head exchange: asked and not answered yet, since `askedAt`; at most one question at a time. */
  readonly asking = new Set<LedgerId>()
  askedAt = 0
  /** To be asked beside the rest. */
  readonly toAsk = new Set<LedgerId>()
  /** What is left of the current exchange. */
  walk: Iterator<LedgerId> | null = null
  exchanges = 0
  nextExchange = 0

  constructor(id: string, backoff: Backoff) {
    this.id = id
    this.backoff = backoff
  }
}

/** Connected peers, and the failures of disconnected ones, so that reconnecting gives no advantage. */
export class PeerBook {
  readonly #connected = new Map<string, Peer>()
  readonly #left: BoundedMap<string, Backoff>

  constructor(limits: SyncLimits) {
    this.#left = new BoundedMap(limits.remembered)
  }

  get(id: string): Peer | undefined {
    return this.#connected.get(id)
  }

  get size(): number {
    return this.#connected.size
  }

  all(): Iterable<Peer> {
    return this.#connected.values()
  }

  connect(id: string): Peer {
    const peer = new Peer(id, this.#left.get(id) ?? new Backoff())
    this.#left.delete(id)
    this.#connected.set(id, peer)
    return peer
  }

  disconnect(peer: Peer): void {
    this.#connected.delete(peer.id)
    if (peer.backoff.failures === 0) return
    this.#left.set(peer.id, peer.backoff)
  }
}
