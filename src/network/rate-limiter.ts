import type { Clock } from '../ports.js'
import { WireError } from '../../protocols/wire.js'
import { Account, type Over, type Payer } from './account.js'
import { NO_LOAD, type Load } from './load-monitor.js'
import type { Charge } from './metered-stream.js'
import type { QuotaLimits } from './quota.js'

/**
 * The one place that limits each peer, and each host, per protocol: our protocols, where peers over the limit wait, and
 * those of libp2p, which cannot wait and are refused. Our protocols cost more while the node is loaded.
 */
export class RateLimiter {
  readonly #limits: QuotaLimits
  /** Quotas by protocol, or by the name under which several ids of one protocol are charged together. */
  readonly #accounts = new Map<string, Account>()
  readonly #load: Load
  readonly #clock: Clock
  readonly #stopped: AbortSignal

  constructor(options: { limits: QuotaLimits; clock: Clock; stopped: AbortSignal; load?: Load | undefined }) {
    this.#limits = options.limits
    this.#load = options.load ?? NO_LOAD
    this.#clock = options.clock
    this.#stopped = options.stopped
  }

  /** `limits`: the protocol's own ones, the same at each call. */
  for(payer: Payer, protocol: string, limits: QuotaLimits = this.#limits): Charge {
    const account = this.#account(protocol, limits)
    return async (units, signal, maxDelayMs) => {
      const delayMs = account.take(payer, units * this.#load.costFactor, this.#clock.now(), maxDelayMs)
      if (maxDelayMs !== undefined && delayMs > maxDelayMs) return delayMs
      if (delayMs > 0) await this.#wait(delayMs, signal)
      return 0
    }
  }

  /** Charges without waiting: null, or the account that is over its quota. */
  take(payer: Payer, account: string, units: number, limits: QuotaLimits): Over | null {
    return this.#account(account, limits).over(payer, units, this.#clock.now())
  }

  /** Would `take` charge it? Charges nothing. */
  affords(payer: Payer, account: string, units: number, limits: QuotaLimits): boolean {
    return this.#account(account, limits).affords(payer, units, this.#clock.now())
  }

  /** Charges for data that has arrived already and cannot be refused. */
  note(payer: Payer, account: string, units: number, limits: QuotaLimits): void {
    this.#account(account, limits).take(payer, units, this.#clock.now())
  }

  /** All units that were ever charged, by account. */
  charged(): Map<string, number> {
    return new Map([...this.#accounts].map(([name, { taken }]) => [name, taken]))
  }

  #account(name: string, limits: QuotaLimits): Account {
    const account = this.#accounts.get(name) ?? new Account(limits)
    this.#accounts.set(name, account)
    return account
  }

  async #wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      reject(new WireError('CLOSED', 'ended while waiting for its quota'))
    }
    const signals = signal === undefined ? [this.#stopped] : [this.#stopped, signal]
    if (signals.some(({ aborted }) => aborted)) throw new WireError('CLOSED', 'ended while waiting for its quota')
    for (const one of signals) one.addEventListener('abort', onAbort, { once: true })
    const cancel = this.#clock.after(delayMs, resolve)
    try {
      await promise
    } finally {
      cancel()
      for (const one of signals) one.removeEventListener('abort', onAbort)
    }
  }
}
