import type { Clock } from '../ports.js'
import { WireError } from '../../protocols/wire.js'
import { NO_LOAD, type Load } from './load-watch.js'
import type { Charge } from './metered-stream.js'
import { Quota, type QuotaLimits } from './quota.js'

/** What each peer may have of each protocol; whoever is over it waits. While the node is loaded, everything costs more. */
export class Charger {
  readonly #limits: QuotaLimits
  /** By protocol. */
  readonly #quotas = new Map<string, Quota>()
  readonly #load: Load
  readonly #clock: Clock
  readonly #stopped: AbortSignal

  constructor (options: { limits: QuotaLimits, clock: Clock, stopped: AbortSignal, load?: Load | undefined }) {
    this.#limits = options.limits
    this.#load = options.load ?? NO_LOAD
    this.#clock = options.clock
    this.#stopped = options.stopped
  }

  /** `limits`: the protocol's own ones, the same at each call. */
  for (peer: string, protocol: string, limits: QuotaLimits = this.#limits): Charge {
    const quota = this.#quotas.get(protocol) ?? new Quota(limits)
    this.#quotas.set(protocol, quota)
    return async (units, signal, maxDelayMs) => {
      const delayMs = quota.take(peer, units * this.#load.price, this.#clock.now(), maxDelayMs)
      if (maxDelayMs !== undefined && delayMs > maxDelayMs) return delayMs
      if (delayMs > 0) await this.#wait(delayMs, signal)
      return 0
    }
  }

  async #wait (delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => { reject(new WireError('CLOSED', 'ended while waiting for its quota')) }
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
