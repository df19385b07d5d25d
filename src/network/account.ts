import { Quota, type QuotaLimits } from './quota.js'

/** The accounts that costs are charged to: a peer, and the host that it connects from, which may have many peers. */
export interface Payer {
  readonly peer: string
  /** An IPv4 address or an IPv6 /64; null: only the peer is charged (loopback, or no address of the internet). */
  readonly host: string | null
}

/** The account whose quota is used up. */
export type Over = 'peer' | 'host'

/**
 * Quota of all peers of one host together, as a multiple of one peer's: an office behind one address has several peers,
 * but a thousand ids at one address are not a thousand peers.
 */
const HOST_SHARES = 4

/** The charges of one protocol, by peer and by host. */
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

  /** Has neither of the two to wait for that many units? Takes nothing. */
  affords({ peer, host }: Payer, units: number, now: number): boolean {
    return this.#peers.delay(peer, units, now) === 0 && (host === null || this.#hosts.delay(host, units, now) === 0)
  }

  /** Takes the units without waiting: null, or the account that is over its quota, and then nothing is taken. */
  over(payer: Payer, units: number, now: number): Over | null {
    if (this.#peers.delay(payer.peer, units, now) > 0) return 'peer'
    return this.take(payer, units, now, 0) > 0 ? 'host' : null
  }

  /** The total of units ever taken. */
  get taken(): number {
    return this.#taken
  }
}
