import { Quota, type QuotaLimits } from './quota.js'

/** Who pays: a peer, and the host that it comes from, which may be many peers. */
export interface Payer {
  readonly peer: string
  /** An IPv4 address or an IPv6 /64; null: pays for itself only (loopback, or no address of the internet). */
  readonly host: string | null
}

/** Whose quota is used up. */
export type Over = 'peer' | 'host'

/**
 * What all peers of one host may have together, in the shares of one peer: an office behind one address is more than
 * one peer, a thousand ids are not.
 */
const HOST_SHARES = 4

/** What one protocol has been charged, by peer and by host. */
export class Account {
  readonly #peers: Quota
  readonly #hosts: Quota
  #taken = 0

  constructor({ unitsPerSecond, burstUnits }: QuotaLimits) {
    this.#peers = new Quota({ unitsPerSecond, burstUnits })
    this.#hosts = new Quota({ unitsPerSecond: unitsPerSecond * HOST_SHARES, burstUnits: burstUnits * HOST_SHARES })
  }

  /**
   * Takes `units` from peer and host at `now` (ms): the milliseconds to wait before using them. A wait of more than
   * `maxDelayMs` takes nothing.
   */
  take({ peer, host }: Payer, units: number, now: number, maxDelayMs = Infinity): number {
    const delayMs = Math.max(
      this.#peers.delay(peer, units, now),
      host === null ? 0 : this.#hosts.delay(host, units, now)
    )
    if (delayMs > maxDelayMs) return delayMs
    this.#peers.take(peer, units, now)
    if (host !== null) this.#hosts.take(host, units, now)
    this.#taken += units
    return delayMs
  }

  /** At once or not at all: null, or whose quota it is over, and then nothing is taken. */
  over(payer: Payer, units: number, now: number): Over | null {
    if (this.#peers.delay(payer.peer, units, now) > 0) return 'peer'
    return this.take(payer, units, now, 0) > 0 ? 'host' : null
  }

  /** All units that were ever taken. */
  get taken(): number {
    return this.#taken
  }
}
