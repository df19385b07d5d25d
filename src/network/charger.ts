import type { Clock } from '../ports.js'
import { WireError } from '../../protocols/wire.js'
import type { Charge } from './metered-stream.js'
import { Quota, type QuotaLimits } from './quota.js'

/** One quota for the whole host, per peer and protocol, that makes whoever is over it wait. */
export class Charger {
  readonly #quota: Quota
  readonly #clock: Clock
  readonly #stopped: AbortSignal

  constructor (options: { limits: QuotaLimits, clock: Clock, stopped: AbortSignal }) {
    this.#quota = new Quota(options.limits)
    this.#clock = options.clock
    this.#stopped = options.stopped
  }

  /** Throws CLOSED when the signal fires or the host stops while waiting. */
  for (peer: string, protocol: string): Charge {
    const key = `${peer} ${protocol}`
    return async (units, signal) => {
      const delayMs = this.#quota.take(key, units, this.#clock.now())
      if (delayMs > 0) await this.#wait(delayMs, signal)
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
