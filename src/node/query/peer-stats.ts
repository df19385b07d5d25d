/** Response times and success rates of peers: they decide which peer is asked first. */
import { BoundedMap } from '../../core/bounded.js'
import { UNKNOWN_LATENCY_MS } from '../../query/choose.js'

/** Limit of remembered peers. */
const MAX_PEERS = 4096
/** Weight of the newest answer, 0 to 1. */
const WEIGHT = 0.3

interface Stats {
  latencyMs: number
  success: number
}

export class PeerStats {
  readonly #stats = new BoundedMap<string, Stats>(MAX_PEERS)

  of(peer: string): Stats {
    return this.#stats.get(peer) ?? { latencyMs: UNKNOWN_LATENCY_MS, success: 1 }
  }

  note(peer: string, answered: boolean, tookMs: number): void {
    const { latencyMs, success } = this.of(peer)
    this.#stats.set(peer, {
      latencyMs: answered ? mixed(latencyMs, tookMs) : latencyMs,
      success: mixed(success, answered ? 1 : 0)
    })
  }
}

function mixed(before: number, now: number): number {
  return before + WEIGHT * (now - before)
}
