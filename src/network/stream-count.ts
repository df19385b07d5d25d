import type { Payer } from './account.js'

export interface StreamLimits {
  readonly perPeer: number
  readonly perHost: number
  readonly inAll: number
}

/** Part of all streams that only peers without one may open. */
const RESERVED_SHARE = 1 / 4

/** How many streams of a protocol remotes have open, by peer, by host and in all. */
export class StreamCount {
  readonly #limits: StreamLimits
  readonly #peers = new Map<string, number>()
  readonly #hosts = new Map<string, number>()
  #open = 0

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get open(): number {
    return this.#open
  }

  /**
   * Returns a function that removes the stream from the count, or the account with too many: the peer itself, or others
   * too.
   */
  enter({ peer, host }: Payer): (() => void) | 'peer' | 'others' {
    const { perPeer, perHost, inAll } = this.#limits
    const own = this.#peers.get(peer) ?? 0
    const most = own === 0 ? inAll : Math.ceil(inAll * (1 - RESERVED_SHARE))
    if (own >= perPeer) return 'peer'
    if (this.#open >= most || (host !== null && (this.#hosts.get(host) ?? 0) >= perHost)) return 'others'
    this.#add(peer, host, 1)
    let here = true
    return () => {
      if (here) this.#add(peer, host, -1)
      here = false
    }
  }

  #add(peer: string, host: string | null, by: 1 | -1): void {
    this.#open += by
    for (const [counts, key] of [
      [this.#peers, peer],
      [this.#hosts, host]
    ] as const) {
      if (key === null) continue
      const count = (counts.get(key) ?? 0) + by
      if (count > 0) counts.set(key, count)
      else counts.delete(key)
    }
  }
}
